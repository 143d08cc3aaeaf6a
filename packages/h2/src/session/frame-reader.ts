import { clientPreface, frameHeaderBytes, frameTypes } from "./frame-types.ts";
import { connectionFault } from "./fault.ts";

/** One frame where it lies: `bytes` from `start` to `end` is the payload, valid during the call. */
export interface Frame {
  type: number;
  flags: number;
  id: number;
  bytes: Buffer;
  start: number;
  end: number;
}

/** Room for a partial frame that is kept for the next one. */
const keptBytes = 65_536;
const nothing = /* @__PURE__ */ Buffer.alloc(0);
const preface = /* @__PURE__ */ Buffer.from(clientPreface, "latin1");

/** Cuts a byte stream into frames. A frame that came in one piece is read in place; others are put together once. */
export class FrameReader {
  readonly #maxFrameBytes: number;
  readonly #onFrame: (frame: Frame) => void;
  /** How much of the preface is still to come. */
  #prefaceLeft: number;
  #partial: Buffer = nothing;
  #partialLength = 0;
  #frames = 0;
  #isHeld = false;
  #rest: Buffer = nothing;
  readonly #frame: Frame = { type: 0, flags: 0, id: 0, bytes: this.#partial, start: 0, end: 0 };

  constructor(options: {
    maxFrameBytes: number;
    expectsPreface: boolean;
    onFrame: (frame: Frame) => void;
  }) {
    this.#maxFrameBytes = options.maxFrameBytes;
    this.#onFrame = options.onFrame;
    this.#prefaceLeft = options.expectsPreface ? preface.length : 0;
  }

  /** Counts the frames; -1 unless the next one is on its way and may be a piece of a header block. */
  get partialHeaders(): number {
    const type = this.#partialLength > 3 ? this.#partial[3] : frameTypes.headers;
    const isHeaders = type === frameTypes.headers || type === frameTypes.continuation;
    return this.#partialLength > 0 && isHeaders ? this.#frames : -1;
  }

  get sawPreface(): boolean {
    return this.#prefaceLeft === 0;
  }

  /** Whether what comes is kept, not read. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** @throws {H2Error} If the bytes are no HTTP/2, a frame is too long, or the callback throws. */
  push(chunk: Buffer): void {
    if (this.#isHeld) this.#rest = Buffer.concat([this.#rest, chunk]);
    else this.#read(chunk);
  }

  /** Stops after the frame that is being read: what has come behind it waits for `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  /**
   * Reads what was held back, until it is held again.
   * @throws {H2Error} As `push` does.
   */
  release(): void {
    const rest = this.#rest;
    this.#isHeld = false;
    this.#rest = nothing;
    this.#read(rest);
  }

  #read(chunk: Buffer): void {
    let at = this.#prefaceLeft > 0 ? this.#readPreface(chunk) : 0;
    while (this.#partialLength > 0 && at < chunk.length) at = this.#complete(chunk, at);
    while (!this.#isHeld && chunk.length - at >= frameHeaderBytes) {
      const end = at + frameHeaderBytes + this.#lengthAt(chunk, at);
      if (end > chunk.length) break;
      this.#emit(chunk, at, end);
      at = end;
    }
    if (at === chunk.length) return;
    if (this.#isHeld) this.#rest = chunk.subarray(at);
    else this.#keep(chunk, at);
  }

  #readPreface(chunk: Buffer): number {
    const from = preface.length - this.#prefaceLeft;
    const length = Math.min(this.#prefaceLeft, chunk.length);
    if (preface.compare(chunk, 0, length, from, from + length) !== 0) {
      throw connectionFault(
        "protocolError",
        "3.4",
        "Cannot read frames as the client preface is not what it must be",
      );
    }
    this.#prefaceLeft -= length;
    return length;
  }

  #lengthAt(bytes: Buffer, at: number): number {
    const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    if (length > this.#maxFrameBytes) {
      throw connectionFault(
        "frameSizeError",
        "4.2",
        `Cannot read a frame as it must be at most ${this.#maxFrameBytes} bytes: current value is ${length}`,
      );
    }
    return length;
  }

  /** Adds to the partial frame what it lacks; emits it once it is whole. */
  #complete(chunk: Buffer, from: number): number {
    let at = this.#take(chunk, from, frameHeaderBytes);
    if (this.#partialLength < frameHeaderBytes) return at;
    const whole = frameHeaderBytes + this.#lengthAt(this.#partial, 0);
    at = this.#take(chunk, at, whole);
    if (this.#partialLength < whole) return at;
    this.#partialLength = 0;
    const frame = this.#partial;
    if (frame.length > keptBytes) this.#partial = nothing;
    this.#emit(frame, 0, whole);
    return at;
  }

  #take(chunk: Buffer, from: number, wanted: number): number {
    const missing = wanted - this.#partialLength;
    if (missing <= 0) return from;
    // As much as has come, not as much as a frame's head promises.
    const come = this.#partialLength + Math.min(missing, chunk.length - from);
    if (come > this.#partial.length) this.#makeRoom(Math.min(wanted, come * 2));
    const copied = chunk.copy(this.#partial, this.#partialLength, from, from + missing);
    this.#partialLength += copied;
    return from + copied;
  }

  #keep(chunk: Buffer, from: number): void {
    const left = chunk.length - from;
    this.#makeRoom(left);
    chunk.copy(this.#partial, 0, from);
    this.#partialLength = left;
  }

  #makeRoom(bytes: number): void {
    if (this.#partial.length >= bytes) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, 256));
    this.#partial.copy(larger, 0, 0, this.#partialLength);
    this.#partial = larger;
  }

  #emit(bytes: Buffer, at: number, end: number): void {
    const frame = this.#frame;
    this.#frames += 1;
    frame.type = bytes[at + 3] ?? 0;
    frame.flags = bytes[at + 4] ?? 0;
    frame.id = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
    frame.bytes = bytes;
    frame.start = at + frameHeaderBytes;
    frame.end = end;
    this.#onFrame(frame);
  }
}
