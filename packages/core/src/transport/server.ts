import type { Context } from "../context/index.ts";

/** What an App starts and stops. */
export interface Server {
  /**
   * Resolves when listening. `context` is the root of every call's context.
   * @throws {Error} If it cannot listen; the message names the address and the option that changes it.
   */
  start(context?: Context): Promise<void>;
  /** Takes no new calls and waits for those under way; when `signal` aborts, cuts them. Resolves when all is closed. */
  stop(signal: AbortSignal): Promise<void>;
  /** Settles when the server has ended; rejects when it ended by itself. */
  readonly closed: Promise<void>;
  /** Opens the listener if need be and answers the URL to register: scheme, host, port. */
  endpoint?(): Promise<URL>;
  /** Answers all URLs to register, where a server speaks more than one protocol; counts before `endpoint`. */
  endpoints?(): Promise<readonly URL[]>;
}
