import type { Stream } from "@kratosjs/h2";

const none = new Uint8Array(0);

/** Sends a body in pieces, no faster than the peer takes them. */
export class Http2Body {
  readonly #stream: Stream;
  readonly #pieces: AsyncIterator<Uint8Array>;
  #onDrain: (() => void) | undefined;
  #isSent = false;
  #isLeft = false;

  constructor(stream: Stream, body: AsyncIterable<Uint8Array>) {
    this.#stream = stream;
    this.#pieces = body[Symbol.asyncIterator]();
  }

  /** Whether the end of the body is on its way. */
  get isSent(): boolean {
    return this.#isSent;
  }

  /** Sends all there is. Rejects with what the body fails with. */
  async send(): Promise<void> {
    while (!this.#isLeft) {
      const { done, value } = await this.#pieces.next();
      if (this.#isLeft) return;
      if (done === true) {
        this.#isSent = true;
        this.#stream.write(none, true);
        return;
      }
      if (!this.#stream.write(value, false)) await this.#room();
    }
  }

  /** The peer has room again. */
  drained(): void {
    const go = this.#onDrain;
    this.#onDrain = undefined;
    go?.();
  }

  /** Nobody wants the rest. */
  leave(): void {
    if (this.#isLeft || this.#isSent) return;
    this.#isLeft = true;
    this.drained();
    this.#pieces.return?.().catch(ignore);
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDrain = resolve;
    });
  }
}

function ignore(): void {
  // the call has ended already, and not by this
}
