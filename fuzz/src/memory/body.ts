import type { Stream, StreamListener } from "@kratosjs/h2";
import { MemoryWatch } from "./memory-watch.ts";

/** What goes through one stream. */
export const bodyBytes: number = 2 ** 30;
/** As much goes through before memory is looked at. */
const warmUpBytes = 64 * 2 ** 20;
const chunk = Buffer.alloc(65_536, 0x61);
/** The slow side takes so much, and pauses for a millisecond or two. */
const gulpBytes = 262_144;

/** Writes the body as fast as `stream` lets it; tells the most that memory grew by once all is handed over. */
export class BodyWriter {
  readonly #stream: Stream;
  readonly #watch: MemoryWatch = new MemoryWatch();
  readonly #onGrown: (bytes: number) => void;
  #leftBytes = bodyBytes;
  #watching = false;

  constructor(stream: Stream, onGrown: (bytes: number) => void) {
    this.#stream = stream;
    this.#onGrown = onGrown;
  }

  /** Writes until the stream says to wait; to be called again by `onDrain`. */
  pump(): void {
    while (this.#leftBytes > 0) {
      if (!this.#watching && this.#leftBytes <= bodyBytes - warmUpBytes) {
        this.#watching = true;
        this.#watch.begin();
      }
      this.#leftBytes -= chunk.length;
      const free = this.#stream.write(Buffer.from(chunk), this.#leftBytes === 0);
      if (this.#leftBytes === 0) this.#onGrown(this.#watch.end());
      if (!free) return;
    }
  }
}

/** Takes a body slower than it comes, keeping what it has not come to. */
export class SlowReader {
  readonly #watch: MemoryWatch = new MemoryWatch();
  readonly #onDone: (outcome: { receivedBytes: number; grownBytes: number }) => void;
  readonly #pending: Buffer[] = [];
  stream: Stream | undefined;
  #receivedBytes = 0;
  #ended = false;
  #watching = false;

  constructor(onDone: (outcome: { receivedBytes: number; grownBytes: number }) => void) {
    this.#onDone = onDone;
    setTimeout(() => this.#gulp(), 1);
  }

  /** The ears that read. */
  listener(): StreamListener {
    return {
      onHeaders() {},
      onData: (bytes) => {
        this.#pending.push(Buffer.from(bytes));
      },
      onEnd: () => {
        this.#ended = true;
      },
      onDrain() {},
      onAbort: (error) => {
        throw error;
      },
    };
  }

  #gulp(): void {
    let taken = 0;
    while (taken < gulpBytes) {
      const next = this.#pending.shift();
      if (next === undefined) break;
      taken += next.length;
      this.stream?.consume(next.length);
    }
    this.#receivedBytes += taken;
    if (!this.#watching && this.#receivedBytes >= warmUpBytes) {
      this.#watching = true;
      this.#watch.begin();
    }
    if (this.#ended && this.#pending.length === 0) {
      this.#onDone({ receivedBytes: this.#receivedBytes, grownBytes: this.#watch.end() });
    } else {
      setTimeout(() => this.#gulp(), 1);
    }
  }
}
