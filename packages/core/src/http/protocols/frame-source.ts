import {
  checkFrame,
  type Frame,
  framedLength,
  framePrefixBytes,
} from "../../encoding/framing/index.ts";
import { grpcFailure } from "../../errors/index.ts";
import { unpackerOf } from "./content-encoding.ts";
import type { HttpReply } from "./http-sender.ts";
import type { Unpack } from "./packing.ts";
import type { ProtocolParts } from "./protocol.ts";
import { joined } from "./whole-body.ts";

export interface FrameSourceOptions {
  readonly parts: ProtocolParts;
  /** What frames that say so are packed with, by the answer's headers; "" for none. */
  readonly encoding: string;
  readonly maxFlags: number;
  /** Makes bytes of what has arrived. @default as they are */
  readonly unwrap?: (chunk: Uint8Array) => Uint8Array;
}

/**
 * The frames of an answer, unpacked. Pieces of the body are its own to keep: frames are views of them, and only
 * those that come in several pieces are copied, once.
 */
export class FrameSource {
  readonly #reply: HttpReply;
  readonly #options: FrameSourceOptions;
  readonly #unpack: Unpack | undefined;
  #pieces: Uint8Array[] = [];
  #size = 0;
  /** How many bytes there have to be for the next step. */
  #needed: number = framePrefixBytes;

  /** @throws {KratosError} INTERNAL for an encoding that was not offered */
  constructor(reply: HttpReply, options: FrameSourceOptions) {
    this.#reply = reply;
    this.#options = options;
    this.#unpack = unpackerOf(options.encoding, options.parts);
  }

  /** Whether the body ends before its first byte. */
  async isEmpty(): Promise<boolean> {
    return !(await this.#read());
  }

  /** The next frame; undefined at the end of the body. @throws {KratosError} */
  async next(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#take();
      if (frame !== undefined) return frame.compressed ? this.#unpacked(frame) : frame;
      if (await this.#read()) continue;
      if (this.#size === 0) return undefined;
      throw grpcFailure("INTERNAL", "the answer ended within a message");
    }
  }

  async #read(): Promise<boolean> {
    const chunk = await this.#reply.read();
    if (chunk === undefined) return false;
    const piece = this.#options.unwrap?.(chunk) ?? chunk;
    this.#pieces.push(piece);
    this.#size += piece.length;
    return true;
  }

  #take(): Frame | undefined {
    if (this.#size < this.#needed) return undefined;
    const bytes = joined(this.#pieces);
    this.#pieces = [bytes];
    const { parts, maxFlags } = this.#options;
    const [flags = 0] = bytes;
    const length = framedLength(bytes, 0, bytes.length);
    checkFrame(flags <= maxFlags ? 0 : flags, length, parts.maxMessageBytes);
    this.#needed = framePrefixBytes + length;
    if (this.#size < this.#needed) return undefined;
    const payload = bytes.subarray(framePrefixBytes, this.#needed);
    this.#pieces = [bytes.subarray(this.#needed)];
    this.#size -= this.#needed;
    this.#needed = framePrefixBytes;
    return { compressed: (flags & 1) === 1, flags, payload };
  }

  async #unpacked(frame: Frame): Promise<Frame> {
    if (this.#unpack === undefined) {
      throw grpcFailure("INTERNAL", "a message is compressed without a compression agreed on");
    }
    if (frame.payload.length === 0) return frame;
    return { ...frame, payload: await this.#unpack(frame.payload) };
  }
}
