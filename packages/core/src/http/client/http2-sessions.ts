import { isIP } from "node:net";
import { type ClientSession, connectH2, type Engine } from "@kratosjs/h2";
import { serviceUnavailable } from "../../errors/index.ts";
import type { Node } from "../../selector/index.ts";
import { parseAddress } from "../../transport/index.ts";
import type { HttpClientTls } from "./http-client-options.ts";

/** What the connections to one address are made with. */
export interface Http2SessionsParts {
  /** Undefined is in clear text, where the node's scheme has no TLS. */
  readonly tls?: HttpClientTls | undefined;
  /** 0 is no limit. */
  readonly maxConnections: number;
  readonly engine: Engine;
}

/** A call that waits for a connection with room. */
export interface Waiter {
  /** A connection may have room now. */
  ready(): void;
  /** No connection came about. */
  failed(error: unknown): void;
}

/** The connections to one address: a further one is made when the peer takes no more streams on those there are. */
export class Http2Sessions {
  readonly #node: Node;
  readonly #options: Http2SessionsParts;
  readonly #sessions: Set<ClientSession> = new Set();
  readonly #waiters: Set<Waiter> = new Set();
  readonly #closing: AbortController = new AbortController();
  #connecting = false;

  constructor(node: Node, options: Http2SessionsParts) {
    this.#node = node;
    this.#options = options;
  }

  /** A connection that takes a stream at once. */
  get ready(): ClientSession | undefined {
    for (const session of this.#sessions) if (session.available) return session;
    return undefined;
  }

  /** Tells the waiter once when to look at `ready` again, or that connecting failed. Answers what takes it out. */
  wait(waiter: Waiter): () => void {
    if (this.#closing.signal.aborted) waiter.failed(closed());
    else {
      this.#waiters.add(waiter);
      this.#connectMore();
    }
    return () => this.#waiters.delete(waiter);
  }

  /** Takes no further calls; those under way finish. */
  close(): void {
    this.#closing.abort();
    this.#failWaiters(closed());
    for (const session of this.#sessions) void session.close();
  }

  /** Cuts the calls under way too. */
  async destroy(): Promise<void> {
    const sessions = [...this.#sessions];
    this.#closing.abort();
    this.#failWaiters(closed());
    for (const session of sessions) session.destroy();
    await Promise.all(sessions.map((session) => session.closed));
  }

  /** Connects where calls wait that the connections there are have no room for. */
  #connectMore(): void {
    const { maxConnections } = this.#options;
    const isFull = maxConnections > 0 && this.#sessions.size >= maxConnections;
    const isNeeded = this.#waiters.size > 0 && !isFull && !this.#connecting;
    if (isNeeded && !this.#closing.signal.aborted) void this.#connect();
  }

  async #connect(): Promise<void> {
    const { scheme, address } = this.#node;
    const { tls, engine } = this.#options;
    this.#connecting = true;
    try {
      const session = await connectH2(targetOf(this.#node), {
        ...(scheme === "https" && { tls: { ...serverName(address), ...tls } }),
        engine,
        signal: this.#closing.signal,
      });
      this.#connecting = false;
      this.#adopt(session);
    } catch (error) {
      this.#connecting = false;
      // Calls that only wait for more room keep waiting for the connections there are.
      if (this.#sessions.size === 0) this.#failWaiters(error);
    }
  }

  #adopt(session: ClientSession): void {
    this.#sessions.add(session);
    session.onAvailable = () => this.#wake(session);
    session.onUnavailable = () => this.#forget(session);
    void session.closed.then(() => this.#forget(session));
    this.#wake(session);
  }

  /** A connection that is going away finishes its streams, and another may take its place. */
  #forget(session: ClientSession): void {
    if (this.#sessions.delete(session)) this.#connectMore();
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
    this.#connectMore();
  }

  #failWaiters(error: unknown): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.failed(error);
  }
}

function closed(): Error {
  return serviceUnavailable("", "the connection is closed");
}

function targetOf({ address }: Node): Parameters<typeof connectH2>[0] {
  const target = parseAddress(address);
  return target.kind === "unix" ? { path: target.path } : { ...target, host: hostOf(address) };
}

/** TLS names hosts, not addresses (RFC 6066 section 3). */
function serverName(address: string): { readonly servername?: string } {
  const host = hostOf(address);
  return isIP(host) === 0 ? { servername: host } : {};
}

function hostOf(address: string): string {
  if (address.startsWith("unix:")) return "localhost";
  const host = address.slice(0, address.lastIndexOf(":"));
  return host.replace(/^\[|\]$/g, "") || "localhost";
}
