import { frameWith } from "../../encoding/framing/index.ts";
import type { MessageFormat } from "./message-format.ts";
import type { ProtocolParts } from "./protocol.ts";
import { streamOver } from "./stream-over.ts";

/** Writes one message as a frame, packed as the connection wants it. */
export async function envelope(
  message: unknown,
  { format, parts }: { readonly format: MessageFormat; readonly parts: ProtocolParts },
): Promise<Uint8Array> {
  const bytes = format.encode(message);
  const packed = await parts.packing?.pack(bytes);
  return packed === undefined ? frameWith(0, bytes) : frameWith(1, packed);
}

/** The requests of a stream as the pieces of a body; `write` makes a piece of one. */
export class EnvelopedBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #requests: AsyncIterator<unknown>;
  readonly #write: (message: unknown) => Promise<Uint8Array>;
  /** What the requests themselves failed with. */
  failure: unknown;

  constructor(requests: AsyncIterable<unknown>, write: (message: unknown) => Promise<Uint8Array>) {
    this.#requests = requests[Symbol.asyncIterator]();
    this.#write = write;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      const { done, value } = await this.#requests.next();
      return done === true ? streamOver : { done: false, value: await this.#write(value) };
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#requests.return?.();
    return streamOver;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
