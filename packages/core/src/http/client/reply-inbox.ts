import { messageOf } from "../../errors/index.ts";
import { HeaderMap } from "../../transport/index.ts";
import type { ReplyHead } from "../protocols/index.ts";
import type { WireListener } from "./wire.ts";

const highWaterBytes = 64 * 1024;

/** The body of an answer as it comes: pieces wait here for their reader, and when they are many the wire waits. */
export class ReplyInbox implements WireListener {
  readonly head: Promise<ReplyHead>;
  readonly #resume: () => void;
  /** What came after the body; empty before its end. */
  trailer: HeaderMap = new HeaderMap();
  #chunks: Uint8Array[] = [];
  #size = 0;
  #end: { readonly error: Error | undefined } | undefined;
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

  /** Whether the answer has ended, or broken off. */
  get isWhole(): boolean {
    return this.#end !== undefined;
  }

  /** The next piece; undefined at the end. Rejects when the answer breaks off. One reader at a time. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#take(chunk.length);
        return chunk;
      }
      if (this.#end?.error !== undefined) throw this.#end.error;
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

  onEnd(trailer: HeaderMap): void {
    this.trailer = trailer;
    this.#finish(undefined);
  }

  onBroken(error: unknown): void {
    this.#finish(asError(error));
  }

  onCut(reason: unknown): void {
    this.#chunks = [];
    this.#finish(asError(reason));
  }

  #finish(error: Error | undefined): void {
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
