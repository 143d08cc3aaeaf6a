import type { Duplex } from "node:stream";

const slabBytes = 65_536;
/** Pieces from here on are sent as they are; smaller ones are copied among their neighbours. */
const copyBelowBytes = 4096;
/** As much in one turn of the event loop, and no more data is taken: the socket cannot say so yet. */
const fullBytes = 524_288;

/**
 * What is to be written, in order: small pieces side by side in a slab, large ones by reference. All
 * that is appended in one turn of the event loop leaves as one write.
 */
export class Output {
  readonly #socket: Duplex;
  readonly #onRoom: () => void;
  #slab: Buffer = Buffer.allocUnsafeSlow(slabBytes);
  #start = 0;
  #end = 0;
  #pieces: Uint8Array[] = [];
  /** What was appended since the last write. */
  #unwrittenBytes = 0;
  #scheduled = false;
  #ended = false;
  readonly #flush: () => void = () => this.flush();
  bytesWritten = 0;

  /** `onRoom` is called when a turn that was full has been written and the socket wants more. */
  constructor(socket: Duplex, onRoom: () => void) {
    this.#socket = socket;
    this.#onRoom = onRoom;
  }

  /** This turn, or the socket, has taken more than it could pass on: no new data until there is room. */
  get blocked(): boolean {
    return this.#unwrittenBytes >= fullBytes || this.#socket.writableNeedDrain;
  }

  /** What waits in this process, here and in the socket. */
  get pendingBytes(): number {
    return this.#socket.writableLength + this.#unwrittenBytes;
  }

  /** What has left this process. */
  get passedBytes(): number {
    return this.bytesWritten - this.#socket.writableLength;
  }

  /** The buffer to write into, at `reserve`'s offset. */
  get slab(): Buffer {
    return this.#slab;
  }

  /** Makes room for up to `bytes` in a row and answers where they begin; `commit` ends them. */
  reserve(bytes: number): number {
    if (this.#slab.length - this.#end < bytes) {
      this.#cut();
      this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, bytes));
      this.#start = 0;
      this.#end = 0;
    }
    return this.#end;
  }

  /** Takes what was written up to `end`. */
  commit(end: number): void {
    this.#unwrittenBytes += end - this.#end;
    this.#end = end;
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Replies are made in microtasks of this turn; what they append still joins this write.
    setImmediate(this.#flush);
  }

  /** Appends bytes that belong to the output from now on. */
  append(bytes: Uint8Array): void {
    if (bytes.length < copyBelowBytes) {
      const at = this.reserve(bytes.length);
      this.#slab.set(bytes, at);
      this.commit(at + bytes.length);
      return;
    }
    this.#cut();
    this.#pieces.push(bytes);
    this.#unwrittenBytes += bytes.length;
    this.commit(this.#end);
  }

  /** Writes everything now. */
  flush(): void {
    const full = this.#unwrittenBytes >= fullBytes;
    this.#write();
    // The socket says when it drained, but only if it was full.
    if (full && !this.#socket.writableNeedDrain) this.#onRoom();
  }

  /** Writes everything and ends the socket; calls back once all of it has left. */
  end(onFinish: () => void): void {
    this.#write();
    this.#ended = true;
    this.#socket.end(onFinish);
  }

  #write(): void {
    this.#scheduled = false;
    this.#cut();
    this.#unwrittenBytes = 0;
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    this.#pieces = [];
    if (this.#ended || this.#socket.destroyed) return;
    if (pieces.length > 1) this.#socket.cork();
    for (const piece of pieces) {
      this.bytesWritten += piece.length;
      this.#socket.write(piece);
    }
    if (pieces.length > 1) this.#socket.uncork();
  }

  #cut(): void {
    if (this.#end === this.#start) return;
    this.#pieces.push(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
