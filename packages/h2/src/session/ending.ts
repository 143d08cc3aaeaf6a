import { errorCodes } from "../error-codes.ts";
import { H2Error } from "../h2-error.ts";
import { remoteEnd } from "./fault.ts";
import { max31 } from "./frame-types.ts";
import type { H2Session } from "./h2-session.ts";

/** How long a peer may keep its side of the socket open after everything was said. */
const lingerMs = 1000;
/** How long a peer may leave the PING of a graceful end unanswered. */
const announceMs = 5000;

/** The end of a session: graceful, cut, or lost. */
export class Ending {
  readonly #session: H2Session;
  readonly closed: Promise<H2Error | undefined>;
  #resolveClosed: (error: H2Error | undefined) => void = () => undefined;
  #state: "open" | "announced" | "draining" | "ended" | "gone" = "open";
  #error: H2Error | undefined;
  #lastAccepted = max31;
  #toldUnavailable = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: H2Session) {
    this.#session = session;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  /** No new stream of this side may be opened. */
  get begun(): boolean {
    return this.#state !== "open";
  }

  /** Everything was said: what still arrives is not looked at. */
  get over(): boolean {
    return this.#state === "ended" || this.#state === "gone";
  }

  /** The peer was told that this stream would not be looked at. */
  refuses(id: number): boolean {
    return id > this.#lastAccepted;
  }

  /**
   * A server: GOAWAY that takes all, a round trip, GOAWAY with the last id. A client: GOAWAY at once,
   * as it is the one that opens streams. Then the open streams, then the socket.
   */
  async close(signal?: AbortSignal): Promise<void> {
    const onAbort = (): void => {
      this.cut(shutDown("session closed by force"));
      this.#session.socket.destroy();
    };
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    if (this.#state === "open") this.#announce();
    await this.closed;
    signal?.removeEventListener("abort", onAbort);
  }

  /** The peer will open no more streams, or wants none: go when those that are open have ended. */
  onGoaway(code: number, reason: string): void {
    if (code !== errorCodes.noError) {
      this.#error ??= remoteEnd(`the peer is going away: ${reason}`, { code, section: "6.8" });
    }
    if (this.#state === "open") this.#state = "draining";
    this.#tellUnavailable();
    this.onStreamClosed();
  }

  onStreamClosed(): void {
    if (this.#state === "draining" && this.#session.openStreams === 0) this.#end();
  }

  /** The round trip of a graceful end is over, or cannot be waited for. */
  drain(): void {
    if (this.#state !== "announced") return;
    this.#state = "draining";
    clearTimeout(this.#timer);
    this.#lastAccepted = this.#session.wire.lastPeerId ?? 0;
    this.#session.wire.goaway(this.#lastAccepted, errorCodes.noError, "");
    this.onStreamClosed();
  }

  /** Ends at once, telling the peer why. */
  cut(error: H2Error): void {
    if (this.over) {
      this.#session.socket.destroy();
      return;
    }
    if (error.code !== errorCodes.noError) this.#error = error;
    this.#session.wire.goaway(
      Math.min(this.#session.wire.lastPeerId ?? 0, this.#lastAccepted),
      error.code,
      error.message,
    );
    this.#end();
    // A peer that is cut is not waited for, even if it does not read.
    this.#after(lingerMs, () => this.#session.socket.destroy());
    this.#session.abortAll(error);
  }

  /** The socket failed, or the peer closed its side. */
  lost(cause?: Error): void {
    if (this.#state === "gone") return;
    const quiet = cause === undefined && this.#session.openStreams === 0;
    if (!quiet && !this.over) this.#error ??= connectionLost(cause);
    this.#end();
    this.#session.abortAll(connectionLost(cause));
    this.#session.socket.destroy();
  }

  /** The socket is closed. */
  gone(): void {
    if (this.#state === "gone") return;
    if (this.#session.openStreams > 0) this.#error ??= connectionLost();
    this.#state = "gone";
    clearTimeout(this.#timer);
    const error = this.#error ?? connectionLost();
    this.#session.clock.stop(error);
    this.#tellUnavailable();
    this.#session.abortAll(error);
    this.#resolveClosed(this.#error);
  }

  #announce(): void {
    if (!this.#session.server) {
      this.#state = "draining";
      this.#session.wire.goaway(0, errorCodes.noError, "");
      this.#tellUnavailable();
      this.onStreamClosed();
      return;
    }
    this.#state = "announced";
    this.#session.wire.goaway(max31, errorCodes.noError, "");
    this.#tellUnavailable();
    this.#after(announceMs, () => this.drain());
    this.#session.ping().then(
      () => this.drain(),
      () => undefined,
    );
  }

  #end(): void {
    if (this.over) return;
    this.#state = "ended";
    // Answers may still wait for a slow reader: the peer's time begins when all have left.
    this.#session.wire.end(() => this.#after(lingerMs, () => this.#session.socket.destroy()));
    this.#tellUnavailable();
  }

  #tellUnavailable(): void {
    if (this.#toldUnavailable) return;
    this.#toldUnavailable = true;
    this.#session.tell(this.#session.onUnavailable);
  }

  #after(timeMs: number, action: () => void): void {
    clearTimeout(this.#timer);
    if (this.#state === "gone") return;
    this.#timer = setTimeout(action, timeMs).unref();
  }
}

function shutDown(message: string): H2Error {
  const section = "RFC 9113 section 6.8";
  return new H2Error(message, { code: errorCodes.noError, scope: "connection", section });
}

function connectionLost(cause?: Error): H2Error {
  const message = `connection lost${cause === undefined ? "" : `: ${cause.message}`}`;
  return remoteEnd(message, { code: errorCodes.internalError, section: "9.1", cause });
}
