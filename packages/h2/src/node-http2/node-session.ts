import type { ClientHttp2Session, ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Session, SessionCounters } from "../contract.ts";
import { errorCodes } from "../error-codes.ts";
import { H2Error } from "../h2-error.ts";
import { newCounters } from "../session/session-counters.ts";
import type { SessionConfig } from "../session/session-defaults.ts";
import { forgetTime, type Swept, watchTime } from "../session/sweeper.ts";
import type { NodeStream } from "./node-stream.ts";

type NodeHttp2Session = ClientHttp2Session | ServerHttp2Session;

/** Milliseconds of silence after which a server without keepalive of its own asks. */
const deadAfterMs = 60_000;

/** One connection of node:http2 in the terms of the contract. */
export class NodeSession implements Session, Swept {
  readonly socket: Duplex;
  readonly closed: Promise<H2Error | undefined>;
  readonly windowBytes: number;
  readonly counted: SessionCounters = newCounters();
  protected readonly streams: Set<NodeStream> = new Set();
  readonly #node: NodeHttp2Session;
  readonly #config: SessionConfig;
  readonly #keepaliveIntervalMs: number;
  readonly #openedAtMs: number = performance.now();
  readonly #ageMs: number;
  #busyAtMs: number = this.#openedAtMs;
  #heardAtMs: number = this.#openedAtMs;
  #graceEndsAtMs: number = Infinity;
  #seenBytes = 0;
  #goneAbove: number = Infinity;
  #error: H2Error | undefined;
  #closing = false;

  constructor(node: NodeHttp2Session, parts: { socket: Duplex; config: SessionConfig }) {
    const { socket, config } = parts;
    this.#node = node;
    this.socket = socket;
    this.#config = config;
    // After a GOAWAY of nghttp2's own, node reads no more, not even that the peer has closed.
    this.#keepaliveIntervalMs =
      config.keepaliveIntervalMs > 0 || !config.server ? config.keepaliveIntervalMs : deadAfterMs;
    this.windowBytes = config.initialWindowBytes;
    this.#ageMs =
      config.maxConnectionAgeMs > 0
        ? config.maxConnectionAgeMs * (0.9 + Math.random() * 0.2)
        : Infinity;
    node.setLocalWindowSize(config.connectionWindowBytes);
    node.on("ping", () => (this.counted.pingsReceived += 1));
    node.on("remoteSettings", () => (this.counted.settingsReceived += 1));
    node.on("goaway", (_code, lastId) => (this.#goneAbove = lastId));
    node.on("error", (error) => (this.#error ??= this.#lost(error)));
    this.closed = new Promise((resolve) => node.once("close", () => resolve(this.#gone())));
    watchTime(this);
  }

  get remoteAddress(): string | undefined {
    return (this.socket as Partial<Socket>).remoteAddress;
  } // a Duplex need not be a Socket
  get remotePort(): number | undefined {
    return (this.socket as Partial<Socket>).remotePort;
  } // likewise
  get localAddress(): string | undefined {
    return (this.socket as Partial<Socket>).localAddress;
  } // likewise
  get localPort(): number | undefined {
    return (this.socket as Partial<Socket>).localPort;
  } // likewise
  get encrypted(): boolean {
    return "encrypted" in this.socket;
  }
  get openStreams(): number {
    return this.streams.size;
  }
  get counters(): Readonly<SessionCounters> {
    const { bytesRead = 0, bytesWritten = 0 } = this.socket as Partial<Socket>; // likewise
    return Object.assign(this.counted, { bytesRead, bytesWritten });
  }

  ping(): Promise<number> {
    return new Promise((resolve, reject) => {
      const answered = (error: Error | null, tookMs: number): void => {
        if (error !== null) reject(this.#lost(error));
        else resolve(tookMs);
      };
      if (this.#node.destroyed || !this.#node.ping(answered)) reject(this.#lost());
    });
  }

  async close(signal?: AbortSignal): Promise<void> {
    const cut = (): void => this.destroy(errorCodes.noError, "session closed by force");
    if (signal?.aborted === true) cut();
    signal?.addEventListener("abort", cut, { once: true });
    if (!this.#closing) void this.#drain();
    await this.closed;
    signal?.removeEventListener("abort", cut);
  }

  destroy(code: number = errorCodes.noError, reason = "session destroyed"): void {
    const node = this.#node;
    if (node.destroyed) return;
    const error = new H2Error(reason, {
      code,
      scope: "connection",
      section: "RFC 9113 section 6.8",
    });
    if (code !== errorCodes.noError) this.#error = error;
    node.goaway(code, 0, Buffer.from(reason));
    for (const stream of this.streams) stream.abort(error);
    node.destroy(undefined, code);
  }

  add(stream: NodeStream): void {
    this.streams.add(stream);
    this.counted.streamsOpened += 1;
  }

  /** The stream is over on the wire. */
  remove(stream: NodeStream): void {
    this.streams.delete(stream);
    // nghttp2 reads no more after its GOAWAY and the last stream: no PING would be answered.
    if (this.#closing && this.streams.size === 0) this.#node.close();
    if (stream.closed) return;
    const code = stream.node.rstCode ?? errorCodes.noError;
    const lost =
      this.#node.destroyed && code !== errorCodes.refusedStream && stream.id <= this.#goneAbove;
    if (!lost) this.counted.resetsReceived += 1;
    if (lost) this.#error ??= this.#lost();
    stream.abort(
      lost && this.#error !== undefined ? this.#error : this.streamFault(code, stream.id, true),
    );
  }

  streamFault(code: number, id: number, remote: boolean): H2Error {
    const unprocessed =
      remote && !this.#config.server && (code === errorCodes.refusedStream || id > this.#goneAbove);
    return new H2Error(`stream reset by ${remote ? "the peer" : "this side"} with code ${code}`, {
      code,
      scope: "stream",
      section: "RFC 9113 section 6.4",
      remote,
      unprocessed,
    });
  }

  sweep(nowMs: number): void {
    const { bytesRead } = this.counters;
    if (bytesRead !== this.#seenBytes) this.#heardAtMs = nowMs;
    this.#seenBytes = bytesRead;
    if (this.streams.size > 0) this.#busyAtMs = nowMs;
    const overdue = this.#overdue(nowMs);
    if (overdue !== "") {
      this.destroy(
        overdue === "slow preface" ? errorCodes.protocolError : errorCodes.noError,
        overdue,
      );
      return;
    }
    const interval = this.#keepaliveIntervalMs;
    if (interval > 0 && nowMs - this.#heardAtMs >= interval) this.ping().catch(() => undefined);
    const { idleTimeoutMs, maxConnectionAgeGraceMs } = this.#config;
    const old = nowMs - this.#openedAtMs > this.#ageMs;
    const idle = idleTimeoutMs > 0 && nowMs - this.#busyAtMs > idleTimeoutMs;
    if (this.#closing || !(old || idle)) return;
    if (old && maxConnectionAgeGraceMs > 0) this.#graceEndsAtMs = nowMs + maxConnectionAgeGraceMs;
    void this.close();
  }

  #overdue(nowMs: number): string {
    const { prefaceTimeoutMs, keepaliveTimeoutMs } = this.#config;
    const interval = this.#keepaliveIntervalMs;
    const greeted = this.counted.settingsReceived > 0;
    if (!greeted && nowMs - this.#openedAtMs > prefaceTimeoutMs) return "slow preface";
    if (nowMs > this.#graceEndsAtMs) return "max_age";
    const dead = interval > 0 && nowMs - this.#heardAtMs > interval + keepaliveTimeoutMs;
    return dead ? "keepalive without an answer" : "";
  }

  protected get unavailable(): boolean {
    return this.#closing || this.#node.closed || this.#node.destroyed;
  }

  /** GOAWAY that takes all and a round trip first, so that nothing under way is turned away. */
  async #drain(): Promise<void> {
    this.#closing = true;
    // One that was cut already has nobody to tell.
    if (this.#node.destroyed) return;
    if (this.streams.size > 0) {
      // A client's GOAWAY would overtake the requests it has just written: it goes with the last stream.
      if (!this.#config.server) return;
      this.#node.goaway(errorCodes.noError, 0x7fff_ffff);
      await this.ping().catch(() => undefined);
    }
    this.#node.close();
  }

  #gone(): H2Error | undefined {
    forgetTime(this);
    for (const stream of this.streams) this.remove(stream);
    return this.#error;
  }

  #lost(cause?: Error): H2Error {
    return new H2Error(`connection lost${cause === undefined ? "" : `: ${cause.message}`}`, {
      code: errorCodes.internalError,
      scope: "connection",
      section: "RFC 9113 section 9.1",
      remote: true,
      cause,
    });
  }
}
