import { type Context, endsOnlyByDeadline } from "../../context/index.ts";
import { fromError } from "../../errors/index.ts";
import { streamOver } from "./stream-over.ts";

/** Where the messages of a stream come from. */
export interface ReplySource {
  /** The next message; undefined at the end. Rejects with the error the stream ends with. */
  pull(): Promise<unknown>;
  /** The stream is over, at its end, by an error, or as its reader has left. Called once. */
  finish(error?: unknown): void;
}

/** The messages of a source, one at a time. Leaving the stream ends the call. */
export class ReplyStream implements AsyncIterableIterator<unknown, undefined> {
  readonly #source: ReplySource;
  #isOver = false;

  constructor(source: ReplySource) {
    this.#source = source;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#isOver) return streamOver;
    try {
      const value = await this.#source.pull();
      if (value !== undefined) return { done: false, value };
      this.#finish();
      return streamOver;
    } catch (error) {
      this.#finish(error);
      throw error;
    }
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#finish();
    return streamOver;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#source.finish(error);
  }
}

/**
 * Ends a stream whose caller has left: what has arrived before is not for it any more.
 * @throws {KratosError} 499, or what the context ended with
 */
export function checkEnded(ctx: Context): void {
  if (!endsOnlyByDeadline(ctx) && ctx.signal.aborted) throw fromError(ctx.signal.reason);
}
