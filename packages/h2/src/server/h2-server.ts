import type { AddressInfo } from "node:net";
import type { SecureContextOptions } from "node:tls";
import type { Session } from "../contract.ts";

/** Where to listen: a port of a host, or the path of a unix socket. */
export interface ListenOptions {
  /** 0 is any free one. @default {0} */
  readonly port?: number;
  /** An address or a name of this machine. @default every address */
  readonly host?: string;
  /** A unix socket, instead of host and port. @default none */
  readonly path?: string;
}

/** The connections of a server, for consoles and tests. */
export interface H2ServerCounters {
  /** Open now, whatever they speak. */
  connections: number;
  /** Closed at once as there were `maxConnections` already. */
  refused: number;
}

/** A listener that makes HTTP/2 sessions of its connections. */
export interface H2Server {
  /**
   * Begins to listen and answers where.
   * @throws {Error} If the address cannot be taken.
   */
  listen(options?: ListenOptions): Promise<AddressInfo | string>;
  /** Where it listens: null when it does not. */
  address(): AddressInfo | string | null;
  /** The sessions open now. */
  readonly sessions: ReadonlySet<Session>;
  readonly counters: Readonly<H2ServerCounters>;
  /**
   * Replaces certificates and keys for the connections to come; those that are open go on.
   * @throws {TypeError} If the server speaks clear text.
   */
  setSecureContext(options: SecureContextOptions): void;
  /**
   * Takes no more connections and closes the sessions gracefully; cuts them when the signal aborts.
   * Connections given to `onHttp1` are not waited for. Resolves when every session is closed.
   */
  close(signal?: AbortSignal): Promise<void>;
}
