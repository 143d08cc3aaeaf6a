import { type Frame, FrameBuffer } from "../../encoding/framing/index.ts";
import { grpcFailure } from "../../errors/index.ts";
import { compressionOf, isIdentity } from "./content-encoding.ts";
import type { HttpReply } from "./http-sender.ts";
import type { ProtocolParts } from "./protocol.ts";

export interface FrameSourceOptions {
  readonly parts: ProtocolParts;
  /** What frames that say so are packed with, by the answer's headers; "" for none. */
  readonly encoding: string;
  readonly maxFlags: number;
  /** Makes bytes of what has arrived. @default as they are */
  readonly unwrap?: (chunk: Uint8Array) => Uint8Array;
}

/** The frames of an answer, unpacked. */
export class FrameSource {
  readonly #reply: HttpReply;
  readonly #options: FrameSourceOptions;
  readonly #frames: FrameBuffer;

  constructor(reply: HttpReply, options: FrameSourceOptions) {
    const maxMessageBytes = options.parts.maxMessageBytes;
    this.#reply = reply;
    this.#options = options;
    this.#frames = new FrameBuffer({ maxMessageBytes, maxFlags: options.maxFlags });
  }

  /** Whether the body ends before its first byte. */
  async isEmpty(): Promise<boolean> {
    const chunk = await this.#reply.read();
    if (chunk !== undefined) this.#push(chunk);
    return chunk === undefined;
  }

  /** The next frame; undefined at the end of the body. @throws {KratosError} */
  async next(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#frames.take();
      if (frame !== undefined) return frame.compressed ? this.#unpack(frame) : frame;
      const chunk = await this.#reply.read();
      if (chunk !== undefined) this.#push(chunk);
      else if (this.#frames.size === 0) return undefined;
      else throw grpcFailure("INTERNAL", "the answer ended within a message");
    }
  }

  #push(chunk: Uint8Array): void {
    this.#frames.push(this.#options.unwrap?.(chunk) ?? chunk);
  }

  async #unpack(frame: Frame): Promise<Frame> {
    const { parts, encoding } = this.#options;
    if (isIdentity(encoding)) {
      throw grpcFailure("INTERNAL", "a message is compressed without a compression agreed on");
    }
    const limits = { maxMessageBytes: parts.maxMessageBytes };
    if (frame.payload.length === 0) return frame;
    return {
      ...frame,
      payload: await compressionOf(encoding, parts).decompress(frame.payload, limits),
    };
  }
}
