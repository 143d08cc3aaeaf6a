import { errorCodes } from "../error-codes.ts";
import type { H2Error } from "../h2-error.ts";
import { attack, late } from "./fault.ts";
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

/** The times of a session: looked at once a second, no timer of their own. */
export class SessionClock implements Swept {
  readonly #session: H2Session;
  readonly #config: SessionConfig;
  readonly #openedAtMs: number;
  readonly #ageMs: number;
  #readAtMs: number;
  #readBytes = 0;
  #busyAtMs: number;
  #pingedAtMs = -Infinity;
  #pingedAtBytes = 0;
  #strikes = 0;
  #settingsAcked = false;
  #keepalivePing = false;
  #graceEndsAtMs = Infinity;
  #nextPing = 1;
  #openedCount = 0;
  #stopped: H2Error | undefined;
  readonly #pings: Map<number, PendingPing> = new Map();

  constructor(session: H2Session, config: SessionConfig) {
    this.#session = session;
    this.#config = config;
    this.#openedAtMs = performance.now();
    this.#readAtMs = this.#openedAtMs;
    this.#busyAtMs = this.#openedAtMs;
    // Connections opened together must not be closed together.
    const jitter = 0.9 + Math.random() * 0.2;
    this.#ageMs = config.maxConnectionAgeMs > 0 ? config.maxConnectionAgeMs * jitter : Infinity;
    watchTime(this);
  }

  onDataSent(): void {
    this.#strikes = 0;
  }

  onSettingsAck(): void {
    this.#settingsAcked = true;
  }

  /** @throws {H2Error} When a client pings more often than it may. */
  onPing(): void {
    this.#session.counted.pingsReceived += 1;
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
    this.#session.wire.ping(payload);
    return new Promise((resolve, reject) => {
      this.#pings.set(number, { sentAtMs: performance.now(), resolve, reject });
    });
  }

  /** Answers whether a PING of this side was waiting for it. */
  onPong(number: number): boolean {
    const ping = this.#pings.get(number);
    if (ping === undefined) return false;
    this.#readAtMs = performance.now();
    this.#keepalivePing = false;
    this.#pings.delete(number);
    ping.resolve(this.#readAtMs - ping.sentAtMs);
    return true;
  }

  stop(error: H2Error): void {
    forgetTime(this);
    this.#stopped = error;
    for (const ping of this.#pings.values()) ping.reject(error);
    this.#pings.clear();
  }

  sweep(nowMs: number): void {
    const { bytesRead, streamsOpened } = this.#session.counters;
    if (bytesRead !== this.#readBytes) this.#readAtMs = nowMs;
    this.#readBytes = bytesRead;
    const fault = this.#overdue(nowMs) ?? this.#session.wire.findSlow?.(nowMs);
    if (fault !== undefined) {
      this.#session.destroy(fault.code, fault.message);
      return;
    }
    // Streams may have come and gone since the last look.
    if (this.#session.openStreams > 0 || streamsOpened !== this.#openedCount)
      this.#busyAtMs = nowMs;
    this.#openedCount = streamsOpened;
    this.#keepAlive(nowMs);
    this.#retire(nowMs);
  }

  #overdue(nowMs: number): H2Error | undefined {
    const { prefaceTimeoutMs, keepaliveIntervalMs, keepaliveTimeoutMs } = this.#config;
    const ageMs = nowMs - this.#openedAtMs;
    const sawPreface = this.#session.counted.settingsReceived > 0;
    if (!sawPreface && ageMs > prefaceTimeoutMs)
      return late("slow preface", "protocolError", "3.4");
    if (sawPreface && !this.#settingsAcked && ageMs > settingsTimeoutMs + prefaceTimeoutMs)
      return late("SETTINGS without an answer", "settingsTimeout", "6.5.3");
    if (this.#keepalivePing && nowMs - this.#readAtMs > keepaliveIntervalMs + keepaliveTimeoutMs)
      return late("keepalive without an answer", "noError", "6.7");
    return undefined;
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
    this.#session.counted.keepalivesSent += 1;
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
