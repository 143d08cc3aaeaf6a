import type { Message } from "@bufbuild/protobuf";
import type { MessageEncoder } from "../../encoding/index.ts";
import { decodeUtf8 } from "../../encoding/index.ts";
import { sseFields } from "../sse/sse-fields.ts";
import type { Exchange } from "../wire/exchange.ts";
import { errorText } from "./error-reply.ts";
import type { StreamFraming } from "./stream-framing.ts";

/**
 * Answers with a stream of messages, no faster than the peer reads. Rejects where nothing was sent yet;
 * a later failure is sent as the last event. A quiet stream says now and then that it lives.
 */
export class StreamReply {
  readonly #exchange: Exchange;
  readonly #framing: StreamFraming;
  readonly #encode: MessageEncoder;
  readonly #heartbeatMs: number;
  #isWaiting = false;
  #isOver = false;

  constructor(
    exchange: Exchange,
    options: {
      readonly framing: StreamFraming;
      readonly encode: MessageEncoder;
      readonly heartbeatMs: number;
    },
  ) {
    this.#exchange = exchange;
    this.#framing = options.framing;
    this.#encode = options.encode;
    this.#heartbeatMs = options.heartbeatMs;
  }

  async send(stream: AsyncIterable<unknown>): Promise<void> {
    const iterator = stream[Symbol.asyncIterator]();
    // A peer that leaves ends the source even while it waits for its next item.
    this.#exchange.onClose(() => void iterator.return?.().then(ignore, ignore));
    const heartbeat =
      this.#heartbeatMs > 0 ? setInterval(() => this.#beat(), this.#heartbeatMs) : undefined;
    heartbeat?.unref();
    try {
      for (let item = await iterator.next(); item.done !== true; item = await iterator.next()) {
        if (this.#exchange.closed || this.#isOver) return;
        heartbeat?.refresh();
        await this.#message(item.value as Message); // completed by the implementation's binding
      }
      if (!this.#isOver) this.#begin();
    } catch (error) {
      this.#fail(error);
    } finally {
      clearInterval(heartbeat);
    }
    this.#finish();
  }

  /** Ends the answer with an error, whatever its source does; false where nothing was sent yet. */
  cut(error: unknown): boolean {
    const { answered } = this.#exchange;
    if (answered) {
      this.#fail(error);
      this.#finish();
    }
    this.#isOver = true;
    return answered;
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#exchange.end();
  }

  async #message(message: Message): Promise<void> {
    const text = this.#framing.message(decodeUtf8(this.#encode(message)), sseFields(message));
    this.#begin();
    if (this.#exchange.write(text)) return;
    this.#isWaiting = true;
    await this.#exchange.drained();
    this.#isWaiting = false;
  }

  #begin(): void {
    if (!this.#exchange.answered)
      this.#exchange.begin({ status: 200, headers: this.#framing.headers });
  }

  #beat(): void {
    // A peer that takes nothing is not to be given more.
    if (this.#isWaiting || this.#isOver) return;
    this.#begin();
    this.#exchange.write(this.#framing.heartbeat);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    if (!this.#exchange.answered) throw error;
    this.#exchange.write(this.#framing.error(decodeUtf8(errorText(error))));
  }
}

function ignore(): void {
  // the end of the source is nobody's news: its reader has left
}
