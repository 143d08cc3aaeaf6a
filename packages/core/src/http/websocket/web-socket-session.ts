import type { Cancel } from "../../context/index.ts";
import type { KratosError } from "../../errors/index.ts";
import type { Exchange } from "../wire/exchange.ts";
import { errorTextOf } from "./control-frame.ts";
import type { MessageSocket } from "./message-socket.ts";
import type { Leaver, WebSocketAcceptor } from "./web-socket-acceptor.ts";

/** What a session is made of. */
export interface WebSocketSessionParts {
  readonly exchange: Exchange;
  readonly acceptor: WebSocketAcceptor;
  readonly cancel: Cancel;
  readonly decode: (frame: Uint8Array) => unknown;
  readonly encode: (reply: unknown) => Uint8Array;
}

/**
 * A streaming call over a WebSocket. The connection is only switched when the method reads or answers:
 * what a middleware refuses before is an ordinary HTTP answer.
 */
export class WebSocketSession implements Leaver {
  readonly #parts: WebSocketSessionParts;
  #socket: MessageSocket | undefined;
  #failure: KratosError | undefined;

  constructor(parts: WebSocketSessionParts) {
    this.#parts = parts;
  }

  /** Whether the connection has been switched. */
  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  /** Switches the connection, once. @throws {KratosError} 499 if the peer has left, 503 when the server stops. */
  open(): MessageSocket {
    this.#socket ??= this.#parts.acceptor.accept(this.#parts.exchange, this);
    return this.#socket;
  }

  /** What the peer sends. */
  requests(): AsyncIterable<unknown> {
    return {
      [Symbol.asyncIterator]: () => ({ next: () => this.#next(), return: () => this.#leave() }),
    };
  }

  /** Sends all replies and closes. */
  async sendAll(replies: AsyncIterable<unknown>): Promise<void> {
    const socket = this.open();
    const iterator = replies[Symbol.asyncIterator]();
    // A peer that leaves ends the source even while it waits for its next item.
    this.#parts.exchange.onClose(() => void iterator.return?.().then(ignore, ignore));
    for (let item = await iterator.next(); item.done !== true; item = await iterator.next()) {
      if (this.#failure !== undefined) throw this.#failure;
      await socket.send(this.#parts.encode(item.value));
    }
    socket.close(1000);
  }

  /** Sends the only reply and closes. */
  async sendOne(reply: unknown): Promise<void> {
    const socket = this.open();
    await socket.send(this.#parts.encode(reply));
    socket.close(1000);
  }

  /** Tells the peer of a failure and closes. */
  fail(error: unknown): void {
    this.#socket?.fail(errorTextOf(error));
  }

  goAway(error: KratosError): void {
    this.#failure = error;
    this.#socket?.stopReading(error);
    this.#socket?.close(1001, error.message);
    this.#parts.cancel.cancel(error);
  }

  async #next(): Promise<IteratorResult<unknown>> {
    const frame = await this.open().next();
    if (frame === undefined) return { done: true, value: undefined };
    return { done: false, value: this.#parts.decode(frame) };
  }

  async #leave(): Promise<IteratorResult<unknown>> {
    this.#socket?.stopReading();
    return { done: true, value: undefined };
  }
}

function ignore(): void {
  // the end of the source is nobody's news: its reader has left
}
