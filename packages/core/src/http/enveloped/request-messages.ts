import type { Message } from "@bufbuild/protobuf";
import { type Compression, decompressMessage } from "../../encoding/compression/index.ts";
import { type Frame, FrameBuffer } from "../../encoding/framing/index.ts";
import { grpcFailure } from "../../errors/index.ts";
import { rpcBodyFailure } from "../server/rpc-body.ts";

export interface RequestMessagesOptions {
  readonly maxMessageBytes: number;
  /** How messages with the compression flag are packed; undefined when none may have it. */
  readonly compression: Compression | undefined;
  readonly decode: (bytes: Uint8Array) => Message;
}

type Result = IteratorResult<Message, undefined>;

const end: Result = { done: true, value: undefined };

/**
 * The messages of a request's body, read one at a time and no faster than they are asked for.
 * A reader that leaves, or a call that ends, lets the rest of the body go.
 */
export class RequestMessages implements AsyncIterableIterator<Message, undefined> {
  readonly #parts: AsyncIterator<Uint8Array>;
  readonly #options: RequestMessagesOptions;
  readonly #frames: FrameBuffer;
  #turn: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #fail: ((error: unknown) => void) | undefined;
  #over = false;

  constructor(body: AsyncIterable<Uint8Array>, options: RequestMessagesOptions) {
    this.#parts = body[Symbol.asyncIterator]();
    this.#options = options;
    this.#frames = new FrameBuffer(options);
  }

  next(): Promise<Result> {
    const turn = this.#turn.then(() => this.#take());
    this.#turn = turn.then(ignore, ignore);
    return turn;
  }

  return(): Promise<Result> {
    this.#leave();
    return Promise.resolve(end);
  }

  /** Ends the stream where it is: whoever reads on gets the error. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#failure = { error };
    this.#fail?.(error);
    this.#leave();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Promise<Result> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (this.#over) return Promise.resolve(end);
    // `fail` must reach a reader that waits for the peer.
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#read().then(resolve, (error: unknown) => {
        const failure = rpcBodyFailure(error);
        this.#failure ??= { error: failure };
        this.#leave();
        reject(failure);
      });
    });
  }

  async #read(): Promise<Result> {
    for (;;) {
      const frame = this.#frames.take();
      if (frame !== undefined) return { done: false, value: await this.#open(frame) };
      const part = await this.#parts.next();
      if (part.done === true) break;
      this.#frames.push(part.value);
    }
    this.#over = true;
    if (this.#frames.size > 0) {
      throw grpcFailure("INVALID_ARGUMENT", "the request ended within a message");
    }
    return end;
  }

  async #open({ compressed, payload }: Frame): Promise<Message> {
    const { decode } = this.#options;
    return decode(compressed ? await decompressMessage(payload, this.#options) : payload);
  }

  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.#parts.return?.().then(ignore, ignore);
  }
}

function ignore(): void {
  // told to whoever reads; here it only marks the end of a turn
}

/**
 * Reads the message of a request that may have one only.
 * @throws {KratosError} UNIMPLEMENTED if it has none, or more.
 */
export async function onlyMessage(messages: RequestMessages): Promise<Message> {
  const first = await messages.next();
  if (first.done === true) throw wrongCount("none");
  const second = await messages.next();
  if (second.done !== true) throw wrongCount("more");
  return first.value;
}

function wrongCount(count: string): Error {
  return grpcFailure("UNIMPLEMENTED", `the request must have one message: it has ${count}`);
}
