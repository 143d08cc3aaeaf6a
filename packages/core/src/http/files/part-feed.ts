import type { Readable } from "node:stream";
import { Dicer } from "@fastify/busboy";
import { malformed } from "./multipart-error.ts";
import type { PartHeader } from "./part-head.ts";

/** A part as it comes out of the body. */
export interface RawPart {
  readonly header: PartHeader;
  readonly stream: Readable;
}

/** Turns a body that is pushed through a Dicer into parts that are asked for. */
export class PartFeed {
  readonly #dicer: Dicer;
  readonly #parts: RawPart[] = [];
  #current: Readable | undefined;
  /** Whether the header of the current part has still to come. */
  #isHeadless = false;
  #isEnded = false;
  #isClosed = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeReader: () => void = ignore;
  #wakeWriter: () => void = ignore;

  constructor(boundary: string, { maxPartHeaderBytes }: { readonly maxPartHeaderBytes: number }) {
    // Twice the limit: what is too long is cut, and still seen to be too long.
    const config = { boundary, maxHeaderPairs: 100, maxHeaderSize: maxPartHeaderBytes * 2 };
    this.#dicer = new Dicer(config);
    this.#dicer.on("part", (stream) => this.#begin(stream));
    this.#dicer.on("drain", () => this.#wakeWriter());
    this.#dicer.on("finish", () => this.#end());
    this.#dicer.on("error", (error) => this.#fail(truncated(error)));
  }

  /** Feeds a body in, no faster than it is read; settles when all is taken or nobody reads on. Never rejects. */
  async take(body: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of body) {
        if (this.#isOver) return;
        if (!this.#dicer.write(chunk)) await this.#woken();
        while (this.#parts.length > 0 && !this.#isOver) await this.#woken();
      }
      if (!this.#isOver) this.#dicer.end();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Answers the next part; undefined after the last. */
  async next(): Promise<RawPart | undefined> {
    for (;;) {
      const part = this.#parts.shift();
      if (part !== undefined) {
        this.#wakeWriter();
        return part;
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#isEnded) return undefined;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  /** What a part holds. */
  async *read(stream: Readable): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield chunk as Buffer; // no encoding is set
    } catch (error) {
      if (this.#failure !== undefined) throw this.#failure.error;
      throw truncated(error);
    }
    // A part that is cut short ends as one that is whole.
    if (this.#failure !== undefined && stream === this.#current) throw this.#failure.error;
  }

  /** Takes no more of the body. */
  close(): void {
    this.#isClosed = true;
    this.#current?.destroy();
    this.#wakeWriter();
  }

  get #isOver(): boolean {
    return this.#isClosed || this.#failure !== undefined;
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  #begin(stream: Readable): void {
    if (this.#isHeadless) this.#fail(headless());
    this.#isHeadless = true;
    this.#current = stream;
    stream.on("error", ignore); // its reader is told by `read`; without one it is nobody's news
    stream.once("header", (header: PartHeader) => {
      this.#isHeadless = false;
      this.#parts.push({ header, stream });
      this.#wakeReader();
    });
  }

  #end(): void {
    if (this.#isHeadless) this.#fail(headless());
    this.#isEnded = true;
    this.#wakeReader();
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#failure = { error };
    // Whoever reads the part that is cut short waits for its end.
    this.#current?.destroy(error instanceof Error ? error : undefined);
    this.#wakeReader();
    this.#wakeWriter();
  }
}

function truncated(cause: unknown): Error {
  return malformed("it ends before its last boundary", { cause });
}

function headless(): Error {
  return malformed("a part has no header");
}

function ignore(): void {
  // stands where nobody waits
}
