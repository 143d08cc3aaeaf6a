import { Socket } from "node:net";
import type { Duplex } from "node:stream";

const slabBytes = 65_536;
const noSlab = /* @__PURE__ */ Buffer.alloc(0);
/** Slabs that no session needs now: one that has nothing to say keeps none. */
const spareSlabs: Buffer[] = [];
const mostSpareSlabs = 64;

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
  #slab: Buffer = noSlab;
  #start = 0;
  #end = 0;
  #pieces: Uint8Array[] = [];
  /** What was appended since the last write. */
  #unwrittenBytes = 0;
  #scheduled = false;
  #ended = false;
  /** Sockets of the system copy what they write; other streams may hold on to it. */
  readonly #copies: boolean;
  readonly #flush: () => void = () => this.flush();
  readonly #onWritten: () => void = () => this.#release();
  bytesWritten = 0;

  /** `onRoom` is called when a turn that was full has been written and the socket wants more. */
  constructor(socket: Duplex, onRoom: () => void) {
    this.#socket = socket;
    this.#copies = socket instanceof Socket;
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
      this.#slab =
        bytes > slabBytes
          ? Buffer.allocUnsafeSlow(bytes)
          : (spareSlabs.pop() ?? Buffer.allocUnsafeSlow(slabBytes));
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
      this.#socket.write(piece, this.#onWritten);
    }
    if (pieces.length > 1) this.#socket.uncork();
    this.#release();
  }

  /** Passes the slab on when all of it is written, at once or as the socket gets to it. */
  #release(): void {
    const waiting = this.#pieces.length > 0 || this.#end !== this.#start;
    if (!this.#copies || waiting || this.#socket.writableLength > 0 || this.#socket.destroyed)
      return;
    if (this.#slab.length === slabBytes && spareSlabs.length < mostSpareSlabs) {
      spareSlabs.push(this.#slab);
    }
    this.#slab = noSlab;
    this.#start = 0;
    this.#end = 0;
  }

  #cut(): void {
    if (this.#end === this.#start) return;
    this.#pieces.push(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
