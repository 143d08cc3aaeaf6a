import type { Stream } from "@kratosjs/h2";
import { type Deadline, onDeadline } from "../../context/index.ts";
import { tooLarge, tooSlow } from "./read-body.ts";

const nothing: Uint8Array = new Uint8Array(0);

/** How long a peer may take for its body, in milliseconds; 0 is for ever. */
export interface BodyTimes {
  /** For all of one that is read whole. */
  readonly bodyTimeoutMs: number;
  /** For more of one that is read in pieces. */
  readonly bodyIdleTimeoutMs: number;
}

interface Whole {
  readonly maxBytes: number;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The body of a request over HTTP/2: what has come and nobody has read yet. While nobody reads, the peer's
 * window bounds it; pieces are joined as they come, so that many small ones are not many objects.
 */
export class H2Body {
  readonly #stream: Stream;
  readonly #deadline: Deadline | undefined;
  readonly #idleTimeoutMs: number;
  #bytes: Uint8Array = nothing;
  #length = 0;
  #whole: Whole | undefined;
  #wake: (() => void) | undefined;
  #dropping = false;
  #ended = false;
  #error: Error | undefined;

  /** A body that does not come in time fails with a 408. */
  constructor(stream: Stream, { bodyTimeoutMs, bodyIdleTimeoutMs }: BodyTimes) {
    this.#stream = stream;
    this.#idleTimeoutMs = bodyIdleTimeoutMs;
    this.#deadline = this.#failIn(bodyTimeoutMs);
  }

  /** Whether all of it has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Takes a piece, which is the engine's again afterwards. */
  push(chunk: Uint8Array): void {
    if (this.#dropping) return this.#stream.consume(chunk.length);
    // The rest of one that failed waits for the answer, which ends the stream.
    if (this.#error !== undefined) return;
    const whole = this.#whole;
    if (whole !== undefined) {
      if (this.#length + chunk.length > whole.maxBytes)
        return this.#break(tooLarge(whole.maxBytes));
      this.#stream.consume(chunk.length);
    }
    this.#append(chunk);
    this.#wakeReader();
  }

  /** The peer has said all. */
  end(): void {
    this.#ended = true;
    this.#deadline?.cancel();
    this.#whole?.resolve(this.#take());
    this.#wakeReader();
  }

  /** No more comes, if not all has come: readers fail with the error. */
  fail(error: Error): void {
    if (!this.#ended && this.#error === undefined) this.#break(error);
  }

  /** Reads it whole. */
  read(maxBytes: number): Promise<Uint8Array> {
    if (this.#error === undefined && this.#length > maxBytes) this.#break(tooLarge(maxBytes));
    if (this.#error !== undefined) return Promise.reject(this.#error);
    this.#stream.consume(this.#length);
    if (this.#ended) return Promise.resolve(this.#take());
    return new Promise((resolve, reject) => {
      this.#whole = { maxBytes, resolve, reject };
    });
  }

  /** Reads it as it comes; see `Exchange.body`. */
  parts(maxBytes: number): AsyncIterable<Uint8Array> {
    this.#deadline?.cancel();
    return this.#parts(maxBytes);
  }

  async *#parts(maxBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
    let size = 0;
    try {
      for (;;) {
        if (this.#error !== undefined) throw this.#error;
        size += this.#length;
        if (size > maxBytes) throw tooLarge(maxBytes);
        if (this.#length > 0) yield this.#release();
        else if (this.#ended) return;
        else await this.#arrival(maxBytes === Infinity ? 0 : this.#idleTimeoutMs);
      }
    } finally {
      this.#drop();
    }
  }

  #break(error: Error): void {
    this.#error = error;
    this.#deadline?.cancel();
    this.#take();
    this.#whole?.reject(error);
    this.#wakeReader();
  }

  /** Nobody is going to read what is left. */
  #drop(): void {
    this.#dropping = true;
    this.#release();
  }

  #append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const before = this.#bytes;
      // Most bodies are one piece: only the second makes room for more.
      this.#bytes = new Uint8Array(
        this.#length === 0 ? length : Math.max(length, before.length * 2),
      );
      this.#bytes.set(before.subarray(0, this.#length));
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  /** Takes out what is there, and lets the peer send as much again. */
  #release(): Uint8Array {
    const bytes = this.#take();
    this.#stream.consume(bytes.length);
    return bytes;
  }

  #take(): Uint8Array {
    const bytes = this.#bytes;
    const length = this.#length;
    this.#bytes = nothing;
    this.#length = 0;
    return bytes.length === length ? bytes : bytes.subarray(0, length);
  }

  #arrival(timeoutMs: number): Promise<void> {
    const deadline = this.#failIn(timeoutMs);
    return new Promise((resolve) => {
      this.#wake = () => {
        deadline?.cancel();
        resolve();
      };
    });
  }

  #failIn(timeoutMs: number): Deadline | undefined {
    if (timeoutMs <= 0) return undefined;
    return onDeadline(Date.now() + timeoutMs, () => this.fail(tooSlow(timeoutMs)));
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
