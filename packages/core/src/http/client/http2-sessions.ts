import { isIP } from "node:net";
import { type ClientSession, connectH2, type Engine } from "@kratosjs/h2";
import { serviceUnavailable } from "../../errors/index.ts";
import type { Node } from "../../selector/index.ts";
import { parseAddress } from "../../transport/index.ts";
import type { HttpClientTls } from "./http-client-options.ts";

export interface Http2SessionsOptions {
  readonly tls: HttpClientTls | undefined;
  readonly maxConnections: number;
  readonly engine: Engine;
}

/** The connections to one address: a further one is made when the peer takes no more streams on those there are. */
export class Http2Sessions {
  readonly #node: Node;
  readonly #options: Http2SessionsOptions;
  readonly #sessions: Set<ClientSession> = new Set();
  readonly #closing: AbortController = new AbortController();
  readonly #waiting: (() => void)[] = [];
  #connecting: Promise<void> | undefined;

  constructor(node: Node, options: Http2SessionsOptions) {
    this.#node = node;
    this.#options = options;
  }

  /** A connection that takes a stream at once; undefined where one has to be waited for. */
  get ready(): ClientSession | undefined {
    for (const session of this.#sessions) if (session.available) return session;
    return undefined;
  }

  /**
   * Resolves when it is worth looking at `ready` again.
   * @throws {H2Error} If no connection comes about.
   */
  async wait(): Promise<void> {
    if (this.#closing.signal.aborted) throw serviceUnavailable("", "the connection is closed");
    const { maxConnections } = this.#options;
    if (maxConnections === 0 || this.#sessions.size < maxConnections) {
      this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined));
      await this.#connecting;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Takes no further calls; those under way finish. */
  close(): void {
    this.#closing.abort();
    for (const session of this.#sessions) void session.close();
  }

  /** Cuts the calls under way too. */
  async destroy(): Promise<void> {
    this.#closing.abort();
    const sessions = [...this.#sessions];
    for (const session of sessions) session.destroy();
    await Promise.all(sessions.map(({ closed }) => closed));
  }

  async #connect(): Promise<void> {
    const { scheme, address } = this.#node;
    const { tls, engine } = this.#options;
    const { signal } = this.#closing;
    const session = await connectH2(targetOf(this.#node), {
      ...(scheme === "https" && { tls: { ...serverName(address), ...tls } }),
      engine,
      signal,
    });
    this.#sessions.add(session);
    session.onAvailable = () => this.#wake();
    session.onUnavailable = () => this.#forget(session);
    void session.closed.then(() => this.#forget(session));
  }

  /** A connection that is going away finishes its streams, and another may take its place. */
  #forget(session: ClientSession): void {
    if (this.#sessions.delete(session)) this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
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
