import { messageOf } from "../../errors/index.ts";
import type { ReplyHead, WireListener } from "./wire-call.ts";

const highWaterBytes = 64 * 1024;

/** The body of an answer as it comes: pieces wait here for their reader, and when they are many the wire waits. */
export class StreamInbox implements WireListener {
  readonly head: Promise<ReplyHead>;
  readonly #resume: () => void;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #end: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  #onHead: (head: ReplyHead) => void = ignore;
  #onFailure: (error: unknown) => void = ignore;

  /** `resume` lets the wire go on. */
  constructor(resume: () => void) {
    this.#resume = resume;
    this.head = new Promise((resolve, reject) => {
      this.#onHead = resolve;
      this.#onFailure = reject;
    });
  }

  /** The next piece; undefined at the end. Rejects when the answer breaks off. One reader at a time. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#take(chunk.length);
        return chunk;
      }
      if (this.#end?.error !== undefined) throw asError(this.#end.error);
      if (this.#end !== undefined) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  onHead(head: ReplyHead): void {
    this.#onHead(head);
  }

  onData(chunk: Uint8Array): boolean {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    this.#wakeReader();
    return this.#size < highWaterBytes;
  }

  onEnd(error: unknown): void {
    this.#end = { error };
    this.#onFailure(error);
    this.#wakeReader();
  }

  #take(bytes: number): void {
    const wasFull = this.#size >= highWaterBytes;
    this.#size -= bytes;
    if (wasFull && this.#size < highWaterBytes) this.#resume();
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}

function ignore(): void {
  // stands until the promise's own functions are there
}
