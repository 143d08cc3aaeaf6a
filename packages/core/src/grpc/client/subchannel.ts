import { grpcFailure } from "../../errors/index.ts";
import type { ConnectionOptions } from "node:tls";
import type { ClientSession, Engine, SessionOptions } from "@kratosjs/h2";
import type { Address } from "../../transport/index.ts";
import { Connected } from "../describe/connected.ts";
import type { ConnectivityState, SubchannelDescription } from "../describe/description.ts";
import { nextEntityId } from "../describe/entity-id.ts";
import { totalOf, Traffic } from "../describe/traffic.ts";
import { Backoff } from "./backoff.ts";
import { dial, formatAddress } from "./dial.ts";
import type { Dialer } from "./dialer.ts";

export interface SubchannelOptions {
  readonly address: Address;
  readonly serverName: string | undefined;
  readonly engine: Engine;
  readonly tls: ConnectionOptions | undefined;
  readonly dialer: Dialer | undefined;
  readonly connection: SessionOptions | undefined;
  readonly connectTimeoutMs: number;
  readonly maxConnections: number;
  /** Called with each new connection; answers what ends the watching. @default none */
  readonly onConnected?: (session: ClientSession) => () => void;
}

/** A call that waits for a connection with room. */
export interface Waiter {
  /** A connection may have room now. */
  ready(): void;
  /** No connection came about. */
  failed(error: Error): void;
}

/**
 * The connections to one address: made when a call needs one, one more when the peer's limit of
 * streams is reached, made again with backoff after a failure. Connections that are going away
 * finish their streams and take no new ones.
 */
export class Subchannel {
  readonly id: number = nextEntityId();
  readonly #createdAt: number = Date.now();
  readonly #past: Traffic = new Traffic();
  readonly #options: SubchannelOptions;
  readonly #backoff: Backoff = new Backoff();
  readonly #sessions: Map<ClientSession, Connected<ClientSession>> = new Map();
  readonly #waiters: Set<Waiter> = new Set();
  readonly #gone: WeakSet<ClientSession> = new WeakSet();
  readonly #watches: Map<ClientSession, () => void> = new Map();
  readonly #closing: AbortController = new AbortController();
  #current: Connected<ClientSession> | undefined;
  #connecting = false;
  #lastFailure: Error | undefined;

  constructor(options: SubchannelOptions) {
    this.#options = options;
  }

  /** A connection that takes a stream now. */
  get ready(): Connected<ClientSession> | undefined {
    if (this.#current?.session.available === true) return this.#current;
    for (const connected of this.#sessions.values()) {
      if (connected.session.available) {
        this.#current = connected;
        return connected;
      }
    }
    return undefined;
  }

  /** Milliseconds until connecting is tried again. */
  get backoffMs(): number {
    return this.#backoff.remainingMs;
  }

  /** Every connection, those that are going away included. */
  get sessions(): readonly ClientSession[] {
    return [...this.#sessions.keys()];
  }

  /** In the words of gRPC's connectivity semantics. */
  get state(): ConnectivityState {
    if (this.#closing.signal.aborted) return "SHUTDOWN";
    if (this.#usable() > 0) return "READY";
    if (this.#connecting) return "CONNECTING";
    return this.#backoff.remainingMs > 0 ? "TRANSIENT_FAILURE" : "IDLE";
  }

  /** Tells what there is to know of it now. */
  describe(): SubchannelDescription {
    const connections = [...this.#sessions.values()];
    const { address } = this.#options;
    return {
      id: this.id,
      address: formatAddress(address),
      state: this.state,
      createdAt: this.#createdAt,
      calls: totalOf([this.#past, ...connections.map(({ traffic }) => traffic)]).calls,
      lastFailure: this.#lastFailure?.message,
      connections: connections.map((connected) => connected.describe()),
    };
  }

  /** Tells the waiter once when to look at `ready` again, or that connecting failed. Answers what takes it out. */
  wait(waiter: Waiter): () => void {
    if (this.#closing.signal.aborted) {
      waiter.failed(closedFailure());
      return () => {};
    }
    const usable = this.#usable();
    if (usable === 0 && !this.#connecting && this.#backoff.remainingMs > 0) {
      waiter.failed(this.#lastFailure ?? closedFailure());
      return () => {};
    }
    this.#waiters.add(waiter);
    if (!this.#connecting && usable < this.#options.maxConnections) void this.#connect();
    return () => this.#waiters.delete(waiter);
  }

  /** Takes no further calls; those under way finish unless the signal aborts. */
  async close(signal?: AbortSignal): Promise<void> {
    this.#closing.abort();
    this.#failWaiters(closedFailure());
    for (const stop of this.#watches.values()) stop();
    await Promise.all(this.sessions.map((session) => closeSession(session, signal)));
  }

  /** Connections that can take streams, now or when others have ended. */
  #usable(): number {
    let usable = 0;
    for (const session of this.#sessions.keys()) if (!this.#gone.has(session)) usable += 1;
    return usable;
  }

  async #connect(): Promise<void> {
    this.#connecting = true;
    const { connectTimeoutMs } = this.#options;
    const limit = AbortSignal.timeout(connectTimeoutMs);
    try {
      const session = await this.#open(AbortSignal.any([limit, this.#closing.signal]));
      this.#connecting = false;
      this.#backoff.succeeded();
      this.#lastFailure = undefined;
      this.#adopt(session);
    } catch (error) {
      this.#connecting = false;
      this.#backoff.failed();
      this.#lastFailure = error instanceof Error ? error : closedFailure();
      // Calls that only wait for more room keep waiting for the connections there are.
      if (this.#usable() === 0) this.#failWaiters(this.#lastFailure);
    }
  }

  async #open(signal: AbortSignal): Promise<ClientSession> {
    const { address, engine, tls, serverName, dialer, connection } = this.#options;
    const socket = await dial(address, { tls, serverName, dialer, signal });
    const session = engine.connect(socket, connection);
    // A connection that a dying server's kernel still accepts answers no PING: better known before a call is sent.
    const alive = await answersPing(session, signal);
    if (alive && !this.#closing.signal.aborted) return session;
    session.destroy();
    throw grpcFailure("UNAVAILABLE", "the peer accepts connections but does not speak HTTP/2");
  }

  #adopt(session: ClientSession): void {
    const connected = new Connected(session);
    this.#sessions.set(session, connected);
    this.#current = connected;
    session.onUnavailable = () => this.#retire(session);
    session.onAvailable = () => this.#wake(session);
    void this.#forget(connected);
    const stop = this.#options.onConnected?.(session);
    if (stop !== undefined) this.#watches.set(session, stop);
    this.#wake(session);
  }

  async #forget({ session, traffic }: Connected<ClientSession>): Promise<void> {
    await session.closed;
    this.#retire(session);
    this.#sessions.delete(session);
    this.#past.add(traffic);
  }

  #retire(session: ClientSession): void {
    if (this.#gone.has(session)) return;
    this.#gone.add(session);
    this.#watches.get(session)?.();
    this.#watches.delete(session);
    if (this.#current?.session === session) this.#current = undefined;
    // Whoever waited for room on it needs another connection.
    if (this.#waiters.size > 0 && !this.#connecting && !this.#closing.signal.aborted) {
      void this.#connect();
    }
  }

  /** As many as there is room for; who comes too late waits again. */
  #wake(session: ClientSession): void {
    let room = session.maxConcurrentStreams - session.openStreams;
    for (const waiter of this.#waiters) {
      if (room <= 0) break;
      room -= 1;
      this.#waiters.delete(waiter);
      waiter.ready();
    }
    if (
      this.#waiters.size > 0 &&
      !this.#connecting &&
      this.#usable() < this.#options.maxConnections
    ) {
      void this.#connect();
    }
  }

  #failWaiters(error: Error): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.failed(error);
  }
}

/** A connection without a call is not worth a farewell, which a peer that has vanished would never answer. */
function closeSession(session: ClientSession, signal: AbortSignal | undefined): Promise<unknown> {
  if (session.openStreams > 0) return session.close(signal);
  session.destroy();
  return session.closed;
}

function closedFailure(): Error {
  return grpcFailure("UNAVAILABLE", "the connection is closed");
}

function answersPing(session: ClientSession, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const give = (alive: boolean): void => {
      signal.removeEventListener("abort", onAbort);
      resolve(alive);
    };
    const onAbort = (): void => give(false);
    signal.addEventListener("abort", onAbort, { once: true });
    session.ping().then(
      () => give(true),
      () => give(false),
    );
    void session.closed.then(() => give(false));
  });
}
