import type { Duplex } from "node:stream";
import type { Session } from "@kratosjs/h2";
import type {
  HttpConnectionDescription,
  LiveExchangeDescription,
} from "../describe/description.ts";
import { HttpConnection } from "../describe/http-connection.ts";
import { describeExchange } from "../describe/live-exchange.ts";
import type { H2Exchange } from "./h2-exchange.ts";
import { LiveSet } from "./live-set.ts";
import type { NodeExchange, WireState } from "./node-exchange.ts";
import { persistLinesOf } from "./whole-head.ts";

/** Milliseconds; 0 is for ever. */
export interface ConnectionTimes {
  readonly writeTimeoutMs: number;
  readonly bodyIdleTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
}

/** The connections of a server and the exchanges under way on them: what a drain has to know. */
export class Connections implements WireState {
  readonly writeTimeoutMs: number;
  readonly bodyIdleTimeoutMs: number;
  readonly persistLines: string;
  readonly #sockets: Map<Duplex, HttpConnection> = new Map();
  readonly #sessions: Map<Session, HttpConnection> = new Map();
  readonly #exchanges: LiveSet<NodeExchange> = new LiveSet();
  readonly #streams: LiveSet<H2Exchange> = new LiveSet();
  #lastId = 0;
  #leaving = false;
  #draining = false;
  #onEmpty: (() => void) | undefined;

  constructor({ writeTimeoutMs, bodyIdleTimeoutMs, keepAliveTimeoutMs }: ConnectionTimes) {
    this.persistLines = persistLinesOf(keepAliveTimeoutMs);
    this.writeTimeoutMs = writeTimeoutMs;
    this.bodyIdleTimeoutMs = bodyIdleTimeoutMs;
  }

  /** Connections open now. */
  get size(): number {
    return this.#sockets.size + this.#sessions.size;
  }

  get draining(): boolean {
    return this.#leaving;
  }

  /** From now on each answer of HTTP/1.1 is the last of its connection. */
  leave(): void {
    this.#leaving = true;
  }

  /** Follows a connection until it closes. */
  add(socket: Duplex): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.set(socket, this.#connectionOf(socket));
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#closed();
    });
    if (this.#draining) this.#closeIdle(socket);
  }

  /** Follows a connection of HTTP/2 until it closes; it knows its exchanges itself. */
  addSession(session: Session): void {
    const { socket } = session;
    const connection = this.#sockets.get(socket) ?? this.#connectionOf(socket);
    connection.session = session;
    this.#sockets.delete(socket);
    this.#sessions.set(session, connection);
    void this.#followSession(session);
    if (this.#draining) session.close().catch(ignore);
  }

  /** Notes an exchange over HTTP/1.1 until it says itself that it is over. */
  begin(exchange: NodeExchange): void {
    this.#exchanges.add(exchange);
    const connection = this.#sockets.get(exchange.request.socket);
    if (connection !== undefined) connection.requests += 1;
  }

  end(exchange: NodeExchange): void {
    this.#exchanges.delete(exchange);
    if (this.#draining) this.#closeIdle(exchange.request.socket);
  }

  /** Notes an exchange over HTTP/2 until it says itself that it is over. */
  beginStream(exchange: H2Exchange): void {
    this.#streams.add(exchange);
  }

  endStream(exchange: H2Exchange): void {
    this.#streams.delete(exchange);
  }

  /** Tells of the connections open now, the oldest first. */
  describe(): readonly HttpConnectionDescription[] {
    const all = [...this.#sockets.values(), ...this.#sessions.values()];
    return all.toSorted((one, other) => one.id - other.id).map((one) => one.describe());
  }

  /** Tells of the exchanges under way, the oldest first. */
  describeExchanges(): readonly LiveExchangeDescription[] {
    const now = Date.now();
    return [...this.#exchanges.values(), ...this.#streams.values()]
      .toSorted((one, other) => one.startedAt - other.startedAt)
      .map((exchange) => describeExchange(exchange, now));
  }

  /** Calls back when nothing is being answered on a connection, unless it closes before. */
  whenAnswered(socket: Duplex, callback: () => void): void {
    const pending = this.#exchanges
      .values()
      .filter(({ request }) => request.socket === socket)
      .toSorted((one, other) => one.startedAt - other.startedAt)
      .at(-1);
    if (pending === undefined) callback();
    else pending.onClose(() => !socket.destroyed && callback());
  }

  /** Closes the connections nobody is being answered on; the others end with their answers. Resolves when none is left. */
  drain(): Promise<void> {
    this.leave();
    this.#draining = true;
    for (const socket of this.#sockets.keys()) this.#closeIdle(socket);
    for (const session of this.#sessions.keys()) session.close().catch(ignore);
    return this.#empty();
  }

  /** Closes all connections as they are. */
  cut(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
    for (const session of this.#sessions.keys()) session.close(AbortSignal.abort()).catch(ignore);
  }

  #connectionOf(socket: Duplex): HttpConnection {
    this.#lastId += 1;
    return new HttpConnection(this.#lastId, socket);
  }

  #closeIdle(socket: Duplex): void {
    for (const exchange of this.#exchanges.values()) if (exchange.request.socket === socket) return;
    // What has been written is still sent, then the connection closes.
    if ("destroySoon" in socket && typeof socket.destroySoon === "function") socket.destroySoon();
    else socket.end();
  }

  async #followSession(session: Session): Promise<void> {
    await session.closed;
    this.#sessions.delete(session);
    this.#closed();
  }

  #closed(): void {
    if (this.size === 0) this.#onEmpty?.();
  }

  #empty(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
  }
}

/** `closed` of the session says when it has gone. */
function ignore(): void {}
