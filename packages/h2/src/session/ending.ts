import { errorCodes } from "../error-codes.ts";
import { H2Error } from "../h2-error.ts";
import { max31 } from "./frame-types.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { H2Session } from "./h2-session.ts";
import type { Output } from "./output.ts";
import type { SessionClock } from "./session-clock.ts";

/** How long a peer may keep its side of the socket open after the end was said. */
const lingerMs = 1000;

/** The end of a session: graceful, cut, or lost. */
export class Ending {
  readonly #session: H2Session;
  readonly #out: Output;
  readonly #writer: FrameWriter;
  readonly #clock: SessionClock;
  readonly closed: Promise<H2Error | undefined>;
  #resolveClosed: (error: H2Error | undefined) => void = () => undefined;
  #state: "open" | "announced" | "draining" | "ended" | "gone" = "open";
  #error: H2Error | undefined;
  #lastAccepted = max31;

  constructor(session: H2Session, parts: { out: Output; writer: FrameWriter; clock: SessionClock }) {
    this.#session = session;
    this.#out = parts.out;
    this.#writer = parts.writer;
    this.#clock = parts.clock;
    this.#clock.useForKeepalive(parts.writer);
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  /** No new stream of this side may be opened. */
  get begun(): boolean {
    return this.#state !== "open";
  }

  /** The peer was told that this stream would not be looked at. */
  refuses(id: number): boolean {
    return id > this.#lastAccepted;
  }

  /** GOAWAY that takes all, a round trip, GOAWAY with the last id; then the open streams, then the socket. */
  async close(signal?: AbortSignal): Promise<void> {
    const onAbort = (): void => {
      this.cut(new H2Error("session closed by force", { code: errorCodes.noError, scope: "connection", section: "RFC 9113 section 6.8" }));
      this.#session.socket.destroy();
    };
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    if (this.#state === "open") this.#announce();
    await this.closed;
    signal?.removeEventListener("abort", onAbort);
  }

  /** The peer will open no more streams, or wants none: go when those that are open have ended. */
  onGoaway(): void {
    if (this.#state === "open") this.#state = "draining";
    this.onStreamClosed();
  }

  onStreamClosed(): void {
    if (this.#state === "draining" && this.#session.openStreams === 0) this.#end();
  }

  /** Ends at once, telling the peer why. */
  cut(error: H2Error): void {
    if (this.#state === "gone" || this.#state === "ended") {
      this.#session.socket.destroy();
      return;
    }
    this.#error = error.code === errorCodes.noError ? this.#error : error;
    this.#writer.goaway(this.#session.lastPeerId, error.code, error.message);
    this.#end();
    this.#session.abortAll(error);
  }

  /** The socket failed, or the peer closed its side. */
  lost(cause?: Error): void {
    if (this.#state === "gone") return;
    const quiet = cause === undefined && this.#session.openStreams === 0;
    if (!quiet && this.#state !== "ended") this.#error ??= connectionLost(cause);
    this.#session.abortAll(connectionLost(cause));
    this.#end();
    this.#session.socket.destroy();
  }

  /** The socket is closed. */
  gone(): void {
    if (this.#state === "gone") return;
    if (this.#session.openStreams > 0) this.#error ??= connectionLost();
    this.#state = "gone";
    const error = this.#error ?? connectionLost();
    this.#session.abortAll(error);
    this.#clock.stop(error);
    this.#session.onUnavailable?.();
    this.#resolveClosed(this.#error);
  }

  #announce(): void {
    this.#state = "announced";
    this.#session.onUnavailable?.();
    this.#writer.goaway(max31, errorCodes.noError, "");
    this.#session.ping().then(
      () => this.#drain(),
      () => undefined,
    );
    if (this.#session.openStreams === 0) this.#out.flush();
  }

  #drain(): void {
    if (this.#state !== "announced") return;
    this.#state = "draining";
    this.#lastAccepted = this.#session.lastPeerId;
    this.#writer.goaway(this.#lastAccepted, errorCodes.noError, "");
    this.onStreamClosed();
  }

  #end(): void {
    if (this.#state === "ended" || this.#state === "gone") return;
    this.#state = "ended";
    this.#out.end();
    setTimeout(() => this.#session.socket.destroy(), lingerMs).unref();
  }
}

function connectionLost(cause?: Error): H2Error {
  const options = { code: errorCodes.internalError, scope: "connection", section: "RFC 9113 section 9.1", remote: true } as const;
  return new H2Error(`connection lost${cause === undefined ? "" : `: ${cause.message}`}`, cause === undefined ? options : { ...options, cause });
}
