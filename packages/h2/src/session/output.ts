import type { Duplex } from "node:stream";

const slabBytes = 65_536;
/** Pieces from here on are sent as they are; smaller ones are copied among their neighbours. */
const copyBelowBytes = 4096;

/**
 * What is to be written, in order: small pieces side by side in a slab, large ones by reference. All
 * that is appended in one turn of the event loop leaves as one write.
 */
export class Output {
  readonly #socket: Duplex;
  #slab: Buffer = Buffer.allocUnsafeSlow(slabBytes);
  #start = 0;
  #end = 0;
  #pieces: Uint8Array[] = [];
  #scheduled = false;
  #ended = false;
  readonly #flush: () => void = () => this.flush();
  bytesWritten = 0;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** The socket has taken more than it could pass on: no new data until it drains. */
  get blocked(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** What waits in this process, here and in the socket. */
  get pendingBytes(): number {
    return this.#socket.writableLength + (this.#end - this.#start);
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
    this.commit(this.#end);
  }

  /** Writes everything now. */
  flush(): void {
    this.#scheduled = false;
    this.#cut();
    const pieces = this.#pieces;
    if (pieces.length === 0 || this.#ended || this.#socket.destroyed) return;
    this.#pieces = [];
    if (pieces.length > 1) this.#socket.cork();
    for (const piece of pieces) {
      this.bytesWritten += piece.length;
      this.#socket.write(piece);
    }
    if (pieces.length > 1) this.#socket.uncork();
  }

  /** Writes everything and ends the socket. */
  end(): void {
    this.flush();
    this.#ended = true;
    this.#socket.end();
  }

  #cut(): void {
    if (this.#end === this.#start) return;
    this.#pieces.push(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
