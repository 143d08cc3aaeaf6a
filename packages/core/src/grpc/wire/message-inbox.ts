import { grpcFailure } from "../../errors/index.ts";
import { FrameBuffer, framePrefixBytes, type Frame } from "../../encoding/framing/index.ts";
import { decompressMessage, type Compression } from "../../encoding/compression/index.ts";

export interface MessageInboxOptions {
  readonly maxMessageBytes: number;
  /** How messages with the compression flag are packed; undefined when none may have it. */
  readonly compression: () => Compression | undefined;
  readonly decode: (bytes: Uint8Array) => unknown;
  /** Called with bytes the reader has dealt with, to grant the peer that much again. */
  readonly onConsumed: (bytes: number) => void;
  /** Called when the reader leaves before the end. */
  readonly onAbandoned: () => void;
  /** Called when a message before the end is not acceptable. */
  readonly onBroken: (error: unknown) => void;
}

interface Reader {
  resolve(result: IteratorResult<unknown, undefined>): void;
  reject(error: unknown): void;
}

type Outcome = { readonly error: unknown } | "complete";

/**
 * The messages of one direction of a stream, read one at a time. Pulled: the peer's window grows only
 * by what the reader has taken, so that a slow reader holds the sender and not the memory.
 */
export class MessageInbox implements AsyncIterableIterator<unknown, undefined> {
  readonly #options: MessageInboxOptions;
  readonly #frames: FrameBuffer;
  readonly #readers: Reader[] = [];
  #ungrantedBytes = 0;
  #outcome: Outcome | undefined;
  #over = false;

  constructor(options: MessageInboxOptions) {
    this.#options = options;
    this.#frames = new FrameBuffer({ maxMessageBytes: options.maxMessageBytes });
  }

  /** Takes a piece of the body; nothing once the reader has left. */
  push(chunk: Uint8Array): void {
    if (this.#over) {
      this.#options.onConsumed(chunk.length);
      return;
    }
    this.#ungrantedBytes += chunk.length;
    try {
      this.#frames.push(chunk);
      this.#serve();
    } catch (error) {
      this.#break(error);
    }
  }

  /** The body has ended; with an error it ends so after the messages that are whole. */
  end(error?: unknown): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = error === undefined ? "complete" : { error };
    for (const reader of this.#readers.splice(0)) this.#finish(reader);
  }

  /** Breaks the stream at once: messages not yet read are dropped. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#outcome = { error };
    this.#grant(this.#ungrantedBytes);
    for (const reader of this.#readers.splice(0)) reader.reject(error);
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    try {
      // A reader that waits already comes first.
      const frame = this.#over || this.#readers.length > 0 ? undefined : this.#frames.take();
      if (frame !== undefined) return this.#deliver(frame);
    } catch (error) {
      this.#break(error);
    }
    return new Promise((resolve, reject) => {
      const reader = { resolve, reject };
      if (this.#outcome !== undefined) this.#finish(reader);
      else {
        this.#readers.push(reader);
        this.#grant(this.#ungrantedBytes);
      }
    });
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    if (!this.#over) {
      this.#over = true;
      this.#grant(this.#ungrantedBytes);
      const complete = this.#outcome !== undefined;
      this.#outcome = "complete";
      for (const reader of this.#readers.splice(0))
        reader.resolve({ done: true, value: undefined });
      if (!complete) this.#options.onAbandoned();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #serve(): void {
    for (let reader = this.#readers[0]; reader !== undefined; reader = this.#readers[0]) {
      const frame = this.#frames.take();
      if (frame === undefined) {
        // The message may be larger than the window: let the rest come.
        this.#grant(this.#ungrantedBytes);
        return;
      }
      this.#readers.shift();
      this.#deliver(frame).then(reader.resolve, reader.reject);
    }
  }

  #deliver(frame: Frame): Promise<IteratorResult<unknown, undefined>> {
    this.#grant(Math.min(this.#ungrantedBytes, framePrefixBytes + frame.payload.length));
    if (frame.compressed) return this.#unpack(frame.payload);
    try {
      return Promise.resolve({ done: false, value: this.#options.decode(frame.payload) });
    } catch (error) {
      this.#break(error);
      return Promise.reject(error);
    }
  }

  async #unpack(packed: Uint8Array): Promise<IteratorResult<unknown, undefined>> {
    const { decode, maxMessageBytes } = this.#options;
    try {
      const compression = this.#options.compression();
      const payload = await decompressMessage(packed, { compression, maxMessageBytes });
      return { done: false, value: decode(payload) };
    } catch (error) {
      this.#break(error);
      throw error;
    }
  }

  /** A message is not acceptable: nothing after it is. */
  #break(error: unknown): void {
    const complete = this.#outcome !== undefined;
    this.fail(error);
    if (!complete) this.#options.onBroken(error);
  }

  #finish(reader: Reader): void {
    const outcome = this.#outcome;
    this.#over = true;
    if (typeof outcome === "object") reader.reject(outcome.error);
    else if (this.#frames.size > 0) {
      reader.reject(grpcFailure("INTERNAL", "the stream ended within a message"));
    } else reader.resolve({ done: true, value: undefined });
  }

  #grant(bytes: number): void {
    if (bytes === 0) return;
    this.#ungrantedBytes -= bytes;
    this.#options.onConsumed(bytes);
  }
}
