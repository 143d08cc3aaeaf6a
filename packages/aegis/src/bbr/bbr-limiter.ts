/**
 * Refuses requests that a busy server cannot answer soon: after the congestion control of TCP of that name, the
 * most requests worth having at a time are the best throughput times the best response time seen lately.
 *
 *     const limiter = new BbrLimiter();
 *     const done = limiter.allow();
 *     if (done === undefined) refuse();
 *     else answer().finally(() => done());
 *
 * After go-kratos/aegis ratelimit/bbr.
 */
import { sharedCpuSampler } from "../cpu/index.ts";
import { RollingCounter } from "../window/index.ts";
import type { Done, Limiter } from "./limiter.ts";

export interface BbrLimiterOptions {
  /** How far back throughput and response times are looked at, in milliseconds. @default 10000 */
  readonly windowMs?: number;
  /** In how many parts the window is divided; an integer from 1. @default 100 */
  readonly buckets?: number;
  /** The use of the CPU from which requests may be refused, 0 to 1; an average never gets above 0.981. @default 0.8 */
  readonly cpuThresholdRatio?: number;
  /** Answers the use of the CPU, 0 to 1; asked at each request. @default {() => sharedCpuSampler().usageRatio()} */
  readonly cpu?: () => number;
  /** Milliseconds on a clock of any begin. @default {() => performance.now()} */
  readonly now?: () => number;
}

/** What a limiter knows of its server. */
export interface BbrStatistics {
  /** The use of the CPU, 0 to 1. */
  readonly cpuRatio: number;
  /** Requests under way. */
  readonly inFlight: number;
  /** How many may be under way while the CPU is busy. */
  readonly maxInFlight: number;
  /** The best average response time of a bucket, in whole milliseconds, at least 1. */
  readonly minRtMs: number;
  /** The most requests answered in the time of a bucket, at least 1. */
  readonly maxPass: number;
  /** For how many milliseconds requests have been refused; undefined while they are not. */
  readonly droppingMs: number | undefined;
}

const defaults = {
  windowMs: 10_000,
  buckets: 100,
  cpuThresholdRatio: 0.8,
  cpu: () => sharedCpuSampler().usageRatio(),
  now: () => performance.now(),
} satisfies Required<BbrLimiterOptions>;

/** For so long after the first refusal the limit holds although the CPU is not busy any more. */
const coolOffMs = 1000;

/**
 * Lets all requests in while the CPU is not busy, and not more than it can answer at a time while it is. A
 * request that would be the only one or the second is always let in.
 */
export class BbrLimiter implements Limiter {
  readonly #cpu: () => number;
  readonly #now: () => number;
  readonly #cpuThresholdRatio: number;
  readonly #bucketMs: number;
  readonly #bucketsPerSecond: number;
  /** The response time of each answer: how many there are is the throughput. */
  readonly #answers: RollingCounter;
  #inFlight = 0;
  #dropStartMs: number | undefined;
  #maxPass = 1;
  #minRtMs = 1;
  #lookedMs: number | undefined;

  /** @throws {RangeError} If the window has no time or no buckets, or the threshold is not 0 to 1. */
  constructor(options: BbrLimiterOptions = {}) {
    const { windowMs, buckets, cpuThresholdRatio, cpu, now } = { ...defaults, ...options };
    if (!(windowMs > 0 && windowMs < Infinity)) {
      throw new RangeError(
        `Cannot limit as 'windowMs' must be more than 0: current value is ${windowMs}`,
      );
    }
    if (!(cpuThresholdRatio >= 0 && cpuThresholdRatio <= 1)) {
      throw new RangeError(
        `Cannot limit as 'cpuThresholdRatio' must be 0 to 1: current value is ${cpuThresholdRatio}`,
      );
    }
    this.#cpu = cpu;
    this.#now = now;
    this.#cpuThresholdRatio = cpuThresholdRatio;
    this.#bucketMs = windowMs / buckets;
    this.#bucketsPerSecond = Math.max(1, Math.floor((buckets * 1000) / windowMs));
    this.#answers = new RollingCounter({ buckets, bucketMs: this.#bucketMs, now });
  }

  allow(): Done | undefined {
    const startMs = this.#now();
    if (this.#shouldDrop(startMs)) return undefined;
    this.#inFlight += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#inFlight -= 1;
      this.#answers.add(Math.max(0, Math.ceil(this.#now() - startMs)));
    };
  }

  /** Answers what the limiter decides by at this moment. */
  statistics(): BbrStatistics {
    const nowMs = this.#now();
    const maxInFlight = this.#maxInFlight(nowMs);
    return {
      cpuRatio: this.#cpu(),
      inFlight: this.#inFlight,
      maxInFlight,
      minRtMs: this.#minRtMs,
      maxPass: this.#maxPass,
      droppingMs: this.#dropStartMs === undefined ? undefined : nowMs - this.#dropStartMs,
    };
  }

  #shouldDrop(nowMs: number): boolean {
    if (this.#cpu() >= this.#cpuThresholdRatio) {
      const drop = this.#isOverLimit(nowMs);
      if (drop) this.#dropStartMs ??= nowMs;
      return drop;
    }
    if (this.#dropStartMs === undefined) return false;
    if (nowMs - this.#dropStartMs <= coolOffMs) return this.#isOverLimit(nowMs);
    this.#dropStartMs = undefined;
    return false;
  }

  #isOverLimit(nowMs: number): boolean {
    return this.#inFlight > 1 && this.#inFlight > this.#maxInFlight(nowMs);
  }

  /** Answers a bucket times buckets a second are answers a second; times milliseconds each takes, by a thousand. */
  #maxInFlight(nowMs: number): number {
    this.#look(nowMs);
    return Math.floor((this.#maxPass * this.#minRtMs * this.#bucketsPerSecond) / 1000);
  }

  /** Looks at the window once in the time of a bucket: the one being filled is not counted. */
  #look(nowMs: number): void {
    const passedMs = nowMs - (this.#lookedMs ?? -Infinity);
    if (passedMs >= 0 && passedMs < this.#bucketMs) return;
    this.#lookedMs = nowMs;
    let maxPass = 1;
    let minRtMs = Infinity;
    for (const { sum, count } of this.#answers.completeBuckets()) {
      if (count === 0) continue;
      maxPass = Math.max(maxPass, count);
      minRtMs = Math.min(minRtMs, sum / count);
    }
    this.#maxPass = maxPass;
    this.#minRtMs = minRtMs === Infinity ? 1 : Math.max(1, Math.ceil(minRtMs));
  }
}
