import { type Compression, decompressMessage } from "./compression.ts";
import { FrameBuffer, type Frame } from "./frame-buffer.ts";
import { framePrefixBytes } from "./frame.ts";
import { grpcFailure } from "./grpc-failure.ts";

export interface MessageInboxOptions {
  readonly maxMessageBytes: number;
  /** How messages with the compression flag are packed; undefined when none may have it. */
  readonly compression: () => Compression | undefined;
  readonly decode: (bytes: Uint8Array) => unknown;
  /** Called with bytes the reader has dealt with, to grant the peer that much again. */
  readonly onConsumed: (bytes: number) => void;
  /** Called once when the reader leaves before the end. */
  readonly onAbandoned: () => void;
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
  #reader: Reader | undefined;
  #waiting: Promise<IteratorResult<unknown, undefined>> | undefined;
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
      const reader = this.#reader;
      if (reader === undefined) return;
      const frame = this.#frames.take();
      // The reader waits for a message that may be larger than the window: let the rest come.
      if (frame === undefined) this.#grant(this.#ungrantedBytes);
      else {
        this.#takeReader();
        this.#deliver(frame).then(reader.resolve, reader.reject);
      }
    } catch (error) {
      this.fail(error);
    }
  }

  /** The body has ended; with an error it ends so after the messages that are whole. */
  end(error?: unknown): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = error === undefined ? "complete" : { error };
    const reader = this.#reader;
    if (reader !== undefined) this.#finish(reader);
  }

  /** Breaks the stream at once: messages not yet read are dropped. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#outcome = { error };
    this.#grant(this.#ungrantedBytes);
    this.#takeReader()?.reject(error);
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    // Calls side by side are served in order.
    if (this.#waiting !== undefined) return this.#waiting.then(() => this.next());
    try {
      const frame = this.#over ? undefined : this.#frames.take();
      if (frame !== undefined) return this.#deliver(frame);
    } catch (error) {
      this.fail(error);
    }
    const waiting = new Promise<IteratorResult<unknown, undefined>>((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
    if (this.#outcome !== undefined && this.#reader !== undefined) this.#finish(this.#reader);
    else {
      this.#waiting = waiting;
      this.#grant(this.#ungrantedBytes);
    }
    return waiting;
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    if (!this.#over) {
      this.#over = true;
      this.#grant(this.#ungrantedBytes);
      const complete = this.#outcome !== undefined;
      this.#outcome = "complete";
      this.#takeReader()?.resolve({ done: true, value: undefined });
      if (!complete) this.#options.onAbandoned();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #deliver(frame: Frame): Promise<IteratorResult<unknown, undefined>> {
    this.#grant(Math.min(this.#ungrantedBytes, framePrefixBytes + frame.payload.length));
    if (frame.compressed) return this.#unpack(frame.payload);
    try {
      return Promise.resolve({ done: false, value: this.#options.decode(frame.payload) });
    } catch (error) {
      return this.#break(error);
    }
  }

  async #unpack(packed: Uint8Array): Promise<IteratorResult<unknown, undefined>> {
    const { decode, maxMessageBytes } = this.#options;
    try {
      const compression = this.#options.compression();
      const payload = await decompressMessage(packed, { compression, maxMessageBytes });
      return { done: false, value: decode(payload) };
    } catch (error) {
      return this.#break(error);
    }
  }

  #break(error: unknown): Promise<never> {
    this.fail(error);
    return Promise.reject(error);
  }

  #finish(reader: Reader): void {
    this.#takeReader();
    const outcome = this.#outcome;
    this.#over = true;
    if (typeof outcome === "object") reader.reject(outcome.error);
    else if (this.#frames.size > 0) {
      reader.reject(grpcFailure("INTERNAL", "the stream ended within a message"));
    } else reader.resolve({ done: true, value: undefined });
  }

  #takeReader(): Reader | undefined {
    const reader = this.#reader;
    this.#reader = undefined;
    this.#waiting = undefined;
    return reader;
  }

  #grant(bytes: number): void {
    if (bytes === 0) return;
    this.#ungrantedBytes -= bytes;
    this.#options.onConsumed(bytes);
  }
}
