import { grpcFailure, type KratosError } from "../../errors/index.ts";
import { bytesOf, copyBytes } from "./copy-bytes.ts";
import { framedLength, framePrefixBytes } from "./frame.ts";

/** One message as it came: still compressed if the flag says so. */
export interface Frame {
  readonly compressed: boolean;
  /** All of the flags byte; the lowest bit is `compressed`. */
  readonly flags: number;
  readonly payload: Uint8Array;
}

export interface FrameBufferOptions {
  /** A message that states to be longer is refused before it is kept. */
  readonly maxMessageBytes: number;
  /** The highest value the flags byte may have. @default {1} */
  readonly maxFlags?: number;
}

const empty = new Uint8Array(0);
// A peer that states a length has not sent it yet: more than this is not believed beforehand.
const mostAheadBytes = 131_072;

/**
 * Cuts a body, in whatever pieces it comes, into messages. Holds what was pushed and not yet taken;
 * who grants the peer its window decides how much that can be.
 */
export class FrameBuffer {
  readonly #maxMessageBytes: number;
  readonly #maxFlags: number;
  #bytes: Uint8Array = empty;
  #start = 0;
  #end = 0;

  constructor(options: FrameBufferOptions) {
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#maxFlags = options.maxFlags ?? 1;
  }

  /** Bytes held. */
  get size(): number {
    return this.#end - this.#start;
  }

  /**
   * Copies a piece.
   * @throws {KratosError} RESOURCE_EXHAUSTED if the next message states to be too long, INTERNAL if its flag is unknown.
   */
  push(chunk: Uint8Array): void {
    if (this.size === 0) this.#begin(chunk);
    else {
      if (this.#bytes.length - this.#end < chunk.length) this.#grow(this.size + chunk.length);
      this.#bytes.set(chunk, this.#end);
      this.#end += chunk.length;
    }
    this.#checkNext();
  }

  /** The next message if it is whole. */
  take(): Frame | undefined {
    const length = this.#checkNext();
    if (length < 0 || this.size < framePrefixBytes + length) return undefined;
    const from = this.#start + framePrefixBytes;
    const flags = this.#bytes[this.#start] ?? 0;
    this.#start = from + length;
    // Not copied: bytes before #end are never written again.
    return {
      compressed: (flags & 1) === 1,
      flags,
      payload: this.#bytes.subarray(from, this.#start),
    };
  }

  #checkNext(): number {
    const length = framedLength(this.#bytes, this.#start, this.#end);
    if (length < 0) return length;
    const flags = this.#bytes[this.#start] ?? 0;
    checkFrame(flags > 1 && flags <= this.#maxFlags ? 0 : flags, length, this.#maxMessageBytes);
    return length;
  }

  /** Makes room for the whole message a piece begins, where it says how long that is. */
  #begin(chunk: Uint8Array): void {
    const stated = framedLength(chunk, 0, chunk.length) + framePrefixBytes;
    const ahead = Math.min(stated - chunk.length, mostAheadBytes, this.#maxMessageBytes);
    this.#bytes = ahead > 0 ? bytesOf(chunk.length + ahead) : copyBytes(chunk, 0);
    if (ahead > 0) this.#bytes.set(chunk);
    this.#start = 0;
    this.#end = chunk.length;
  }

  /** Doubles, so that a body in tiny pieces costs neither time nor memory out of proportion. */
  #grow(needed: number): void {
    const grown = bytesOf(Math.max(needed, Math.min(2 * this.size, needed + 65_536)));
    grown.set(this.#bytes.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    this.#bytes = grown;
  }
}

/**
 * The message of a piece that is exactly one frame, as most are; undefined otherwise.
 * @throws {KratosError} RESOURCE_EXHAUSTED if it is longer than the limit, INTERNAL if its flag is unknown.
 */
export function wholeFrame(chunk: Uint8Array, maxMessageBytes: number): Frame | undefined {
  const length = framedLength(chunk, 0, chunk.length);
  if (length < 0 || length + framePrefixBytes !== chunk.length) return undefined;
  const flags = chunk[0] ?? 0;
  checkFrame(flags, length, maxMessageBytes);
  return { compressed: flags === 1, flags, payload: copyBytes(chunk, framePrefixBytes) };
}

/** @throws {KratosError} RESOURCE_EXHAUSTED if the length is over the limit, INTERNAL if the flag is unknown. */
// ceiling: three numbers, as an object for each message costs more than the check
export function checkFrame(flag: number, length: number, maxMessageBytes: number): void {
  if (flag > 1) {
    throw grpcFailure("INTERNAL", `a message has the unknown compression flag ${flag}`);
  }
  if (length > maxMessageBytes) throw messageTooLarge(length, maxMessageBytes);
}

/** A message over the limit. */
export function messageTooLarge(length: number, maxMessageBytes: number): KratosError {
  const text = `received message larger than max (${length} vs. ${maxMessageBytes})`;
  return grpcFailure("RESOURCE_EXHAUSTED", text);
}
