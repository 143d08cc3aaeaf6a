import { pipeline } from "node:stream";
import { badRequest, isKratosError, KratosError, messageOf } from "../../errors/index.ts";
import type { Exchange } from "../wire/exchange.ts";
import { tooLarge } from "../wire/read-body.ts";
import { withoutLines } from "./answer-fields.ts";
import { type ContentCoding, createUnpacker } from "./content-coding.ts";

/** How far a body may grow when it is unpacked. */
export interface UnpackLimits {
  readonly maxBytes: number;
  readonly maxRatio: number;
}

/** What the head of a request says of how its body is sent, which is not so any more. */
const told = ["content-encoding", "content-length"];

// What a coding adds to bytes it cannot make smaller, generously.
const codingBytes = 64 * 1024;
// A short body of one letter is no bomb, whatever its ratio.
const harmlessBytes = 1024 * 1024;

/** The asking side of an exchange whose body is unpacked as it is read. */
export class UnpackedBody {
  /** Who reads node's own messages would pass this by. */
  readonly node: undefined = undefined;
  readonly rawHeaders: readonly string[];
  readonly #below: Exchange;
  readonly #coding: ContentCoding;
  readonly #limits: UnpackLimits;

  constructor(below: Exchange, coding: ContentCoding, limits: UnpackLimits) {
    this.rawHeaders = withoutLines(below.rawHeaders, told);
    for (const name of told) below.requestHeader.delete(name);
    this.#below = below;
    this.#coding = coding;
    this.#limits = limits;
  }

  async readBody(maxBytes: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this.body(maxBytes)) parts.push(part);
    const [first] = parts;
    return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
  }

  async *body(maxBytes: number = Infinity): AsyncGenerator<Uint8Array, void, undefined> {
    const most = Math.min(maxBytes, this.#limits.maxBytes);
    const unpacker = createUnpacker(this.#coding);
    const counted = { bytes: 0 };
    const packed = this.#below.body(maxBytes + codingBytes);
    pipeline(count(packed, counted), unpacker, () => {});
    let size = 0;
    try {
      for await (const chunk of unpacker) {
        const part = chunk as Buffer; // no encoding is set: chunks are Buffers
        size += part.length;
        if (size > most) throw tooLarge(most);
        this.#checkRatio(size, counted.bytes);
        yield part;
      }
    } catch (error) {
      throw isKratosError(error) ? error : notPacked(this.#coding, error);
    } finally {
      unpacker.destroy();
    }
  }

  #checkRatio(size: number, packedBytes: number): void {
    const { maxRatio } = this.#limits;
    if (size <= harmlessBytes || size <= packedBytes * maxRatio) return;
    throw new KratosError(`the body grows more than ${maxRatio} times when it is unpacked`, {
      code: 413,
      reason: "BODY_TOO_LARGE",
    });
  }
}

async function* count(
  parts: AsyncIterable<Uint8Array>,
  counted: { bytes: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const part of parts) {
    counted.bytes += part.length;
    yield part;
  }
}

function notPacked(coding: ContentCoding, cause: unknown): KratosError {
  return badRequest("CONTENT_ENCODING", `the body is no ${coding}: ${messageOf(cause)}`, { cause });
}
