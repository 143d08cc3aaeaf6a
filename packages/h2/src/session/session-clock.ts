import { errorCodes } from "../error-codes.ts";
import { H2Error } from "../h2-error.ts";
import { attack } from "./fault.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { H2Session } from "./h2-session.ts";
import type { SessionConfig } from "./session-defaults.ts";
import { forgetTime, type Swept, watchTime } from "./sweeper.ts";

/** PINGs below their interval that are forgiven, as gRPC servers do. */
const forgivenPings = 2;
/** So much between two PINGs is more than answers to PINGs and windows. */
const measuredBytes = 1024;
const settingsTimeoutMs = 10_000;

interface PendingPing {
  readonly sentAtMs: number;
  readonly resolve: (roundTripMs: number) => void;
  readonly reject: (error: H2Error) => void;
}

/** What the clock has to know of a session. */
export type Timed = Pick<
  H2Session,
  | "sawPreface"
  | "assembling"
  | "assemblySinceMs"
  | "partialHeaders"
  | "pendingBytes"
  | "progress"
  | "openStreams"
  | "counters"
  | "resetStalled"
  | "destroy"
  | "close"
>;

/** The times of a session: looked at once a second, no timer of their own. */
export class SessionClock implements Swept {
  readonly #session: Timed;
  readonly #config: SessionConfig;
  readonly #openedAtMs: number;
  readonly #ageMs: number;
  #keepalivesSent = 0;
  #readAtMs: number;
  #busyAtMs: number;
  #pingedAtMs = -Infinity;
  #pingedAtBytes = 0;
  #strikes = 0;
  #settingsAcked = false;
  #keepalivePing = false;
  #graceEndsAtMs = Infinity;
  #stuckSinceMs = Infinity;
  #progress = 0;
  #nextPing = 1;
  #openedCount = 0;
  #partialSinceMs = Infinity;
  #partialFrame = -1;
  #stopped: H2Error | undefined;
  readonly #pings: Map<number, PendingPing> = new Map();
  readonly #writer: Pick<FrameWriter, "ping">;

  constructor(session: Timed, config: SessionConfig, writer: Pick<FrameWriter, "ping">) {
    this.#session = session;
    this.#writer = writer;
    this.#config = config;
    this.#openedAtMs = performance.now();
    this.#readAtMs = this.#openedAtMs;
    this.#busyAtMs = this.#openedAtMs;
    // Connections opened together must not be closed together.
    const jitter = 0.9 + Math.random() * 0.2;
    this.#ageMs = config.maxConnectionAgeMs > 0 ? config.maxConnectionAgeMs * jitter : Infinity;
    watchTime(this);
  }

  /** PINGs sent as the peer was silent. */
  get keepalivesSent(): number {
    return this.#keepalivesSent;
  }

  onBytes(): void {
    this.#readAtMs = performance.now();
  }

  onDataSent(): void {
    this.#strikes = 0;
  }

  onSettingsAck(): void {
    this.#settingsAcked = true;
  }

  /** @throws {H2Error} When a client pings more often than it may. */
  onPing(): void {
    if (!this.#config.server || this.#config.minPingIntervalMs <= 0) return;
    const nowMs = performance.now();
    // A large reply is one write and many round trips; its reader may measure each by a PING.
    const { bytesWritten } = this.#session.counters;
    if (bytesWritten - this.#pingedAtBytes >= measuredBytes) this.#strikes = 0;
    this.#pingedAtBytes = bytesWritten;
    const tooSoon = nowMs - this.#pingedAtMs < this.#config.minPingIntervalMs;
    this.#pingedAtMs = nowMs;
    if (!tooSoon) return;
    this.#strikes += 1;
    if (this.#strikes > forgivenPings) throw attack("too_many_pings", "too_many_pings");
  }

  ping(): Promise<number> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    const number = this.#nextPing;
    this.#nextPing += 1;
    const payload = Buffer.alloc(8);
    payload.writeUInt32BE(number, 4);
    this.#writer.ping(payload, 0, false);
    return new Promise((resolve, reject) => {
      this.#pings.set(number, { sentAtMs: performance.now(), resolve, reject });
    });
  }

  /** Answers whether a PING of this side was waiting for it. */
  onPong(number: number): boolean {
    const ping = this.#pings.get(number);
    if (ping === undefined) return false;
    this.#keepalivePing = false;
    this.#pings.delete(number);
    ping.resolve(performance.now() - ping.sentAtMs);
    return true;
  }

  stop(error: H2Error): void {
    forgetTime(this);
    this.#stopped = error;
    for (const ping of this.#pings.values()) ping.reject(error);
    this.#pings.clear();
  }

  sweep(nowMs: number): void {
    const fault = this.#overdue(nowMs);
    if (fault !== undefined) {
      this.#session.destroy(fault.code, fault.message);
      return;
    }
    // Streams may have come and gone since the last look.
    const { streamsOpened } = this.#session.counters;
    if (this.#session.openStreams > 0 || streamsOpened !== this.#openedCount)
      this.#busyAtMs = nowMs;
    this.#openedCount = streamsOpened;
    if (this.#config.server) this.#session.resetStalled(nowMs, this.#config.writeTimeoutMs);
    this.#keepAlive(nowMs);
    this.#retire(nowMs);
  }

  #overdue(nowMs: number): H2Error | undefined {
    const { prefaceTimeoutMs, headersTimeoutMs } = this.#config;
    const ageMs = nowMs - this.#openedAtMs;
    if (!this.#session.sawPreface && ageMs > prefaceTimeoutMs)
      return late("slow preface", "protocolError", "3.4");
    if (
      this.#session.sawPreface &&
      !this.#settingsAcked &&
      ageMs > settingsTimeoutMs + prefaceTimeoutMs
    )
      return late("SETTINGS without an answer", "settingsTimeout", "6.5.3");
    if (this.#isTrickling(nowMs)) return late("slow headers", "enhanceYourCalm", "10.5");
    if (this.#session.assembling && nowMs - this.#session.assemblySinceMs > headersTimeoutMs)
      return late("slow headers", "enhanceYourCalm", "10.5");
    if (this.#isStuck(nowMs)) return late("a peer that does not read", "enhanceYourCalm", "10.5");
    if (
      this.#keepalivePing &&
      nowMs - this.#readAtMs > this.#config.keepaliveIntervalMs + this.#config.keepaliveTimeoutMs
    )
      return late("keepalive without an answer", "noError", "6.7");
    return undefined;
  }

  /** One frame of headers has been on its way since `headersTimeoutMs`, as far as the looks tell. */
  #isTrickling(nowMs: number): boolean {
    const frame = this.#session.partialHeaders;
    if (frame !== this.#partialFrame) {
      this.#partialFrame = frame;
      this.#partialSinceMs = frame < 0 ? Infinity : nowMs;
    }
    return nowMs - this.#partialSinceMs > this.#config.headersTimeoutMs;
  }

  /** Output waits and none of it has left since `writeTimeoutMs`. */
  #isStuck(nowMs: number): boolean {
    const { progress, pendingBytes } = this.#session;
    if (pendingBytes === 0 || progress !== this.#progress) {
      this.#progress = progress;
      this.#stuckSinceMs = nowMs;
      return false;
    }
    return nowMs - this.#stuckSinceMs > this.#config.writeTimeoutMs;
  }

  #keepAlive(nowMs: number): void {
    const { keepaliveIntervalMs } = this.#config;
    if (
      keepaliveIntervalMs <= 0 ||
      this.#keepalivePing ||
      nowMs - this.#readAtMs < keepaliveIntervalMs
    )
      return;
    this.#keepalivePing = true;
    this.#keepalivesSent += 1;
    this.ping().catch(() => undefined);
  }

  #retire(nowMs: number): void {
    const { idleTimeoutMs, maxConnectionAgeGraceMs } = this.#config;
    const idle = idleTimeoutMs > 0 && nowMs - this.#busyAtMs > idleTimeoutMs;
    const old = nowMs - this.#openedAtMs > this.#ageMs;
    if (nowMs > this.#graceEndsAtMs) this.#session.destroy(errorCodes.noError, "max_age");
    else if ((idle || old) && this.#graceEndsAtMs === Infinity) {
      this.#graceEndsAtMs =
        maxConnectionAgeGraceMs > 0 ? nowMs + maxConnectionAgeGraceMs : Number.MAX_VALUE;
      this.#session.close().catch(() => undefined);
    }
  }
}

function late(what: string, code: keyof typeof errorCodes, section: string): H2Error {
  return new H2Error(`Cannot go on as time ran out: ${what} (RFC 9113 section ${section})`, {
    code: errorCodes[code],
    scope: "connection",
    section: what,
  });
}
