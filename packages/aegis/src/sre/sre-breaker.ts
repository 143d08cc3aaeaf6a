/**
 * Spares a peer that fails: the more of the last calls failed, the fewer further ones are made. As in the
 * chapter on overload of Google's book on site reliability, there is no half-open state: chance lets
 * some calls through, and their success lets more.
 *
 *     const breaker = new SreBreaker();
 *     if (!breaker.allow()) breaker.markFailed();
 *     else await call().then(() => breaker.markSuccess(), () => breaker.markFailed());
 *
 * After Kratos's middleware/circuitbreaker (v3), whose defaults it has. Those of go-kratos/aegis (v2) are
 * `{ failureRatio: 0.4, minRequests: 100 }`.
 */
import { RollingCounter } from "../window/index.ts";
import type { Breaker } from "./breaker.ts";

export interface SreBreakerOptions {
  /** The share of calls that may fail before others are refused, from 0 and less than 1. @default 0.5 */
  readonly failureRatio?: number;
  /** With fewer calls in the window none is refused; an integer from 0. @default 20 */
  readonly minRequests?: number;
  /** How far back calls are looked at, in milliseconds. @default 3000 */
  readonly windowMs?: number;
  /** In how many parts the window is divided; an integer from 1. @default 10 */
  readonly buckets?: number;
  /** Milliseconds on a clock of any begin. @default {() => performance.now()} */
  readonly now?: () => number;
  /** Numbers from 0 up to but without 1. @default {Math.random} */
  readonly random?: () => number;
}

/** What a breaker knows of its peer. */
export interface SreStatistics {
  /** Calls in the window, those that were not allowed among them. */
  readonly total: number;
  /** Calls in the window that succeeded. */
  readonly successes: number;
  /** Whether chance decides. */
  readonly isOpen: boolean;
  /** The chance of a call to be refused, 0 to 1. */
  readonly dropRatio: number;
}

const defaults = {
  failureRatio: 0.5,
  minRequests: 20,
  windowMs: 3000,
  buckets: 10,
  now: () => performance.now(),
  random: Math.random,
} satisfies Required<SreBreakerOptions>;

/** Refuses calls by chance while more of the last ones failed than may. */
export class SreBreaker implements Breaker {
  /** So many calls for each success are fine. */
  readonly #k: number;
  readonly #minRequests: number;
  readonly #random: () => number;
  /** 1 for each success, 0 for each failure: the sum are successes, the count all calls. */
  readonly #marks: RollingCounter;

  /** @throws {RangeError} If an option is outside what it can be. */
  constructor(options: SreBreakerOptions = {}) {
    const { failureRatio, minRequests, ...rest } = { ...defaults, ...options };
    if (!(failureRatio >= 0 && failureRatio < 1)) {
      throw new RangeError(
        `Cannot break as 'failureRatio' must be 0 to less than 1: current value is ${failureRatio}`,
      );
    }
    if (!Number.isInteger(minRequests) || minRequests < 0) {
      throw new RangeError(
        `Cannot break as 'minRequests' must be an integer from 0: current value is ${minRequests}`,
      );
    }
    const { windowMs, buckets, now, random } = rest;
    if (!(windowMs > 0 && windowMs < Infinity)) {
      throw new RangeError(
        `Cannot break as 'windowMs' must be more than 0: current value is ${windowMs}`,
      );
    }
    this.#k = 1 / (1 - failureRatio);
    this.#minRequests = minRequests;
    this.#random = random;
    this.#marks = new RollingCounter({ buckets, bucketMs: windowMs / buckets, now });
  }

  allow(): boolean {
    const { sum: successes, count: total } = this.#marks.total();
    if (!this.#isOpen(successes, total)) return true;
    const dropRatio = this.#dropRatio(successes, total);
    return dropRatio <= 0 || this.#random() >= dropRatio;
  }

  markSuccess(): void {
    this.#marks.add(1);
  }

  markFailed(): void {
    this.#marks.add(0);
  }

  /** Answers what the breaker decides by at this moment. */
  statistics(): SreStatistics {
    const { sum: successes, count: total } = this.#marks.total();
    const isOpen = this.#isOpen(successes, total);
    return { total, successes, isOpen, dropRatio: isOpen ? this.#dropRatio(successes, total) : 0 };
  }

  #isOpen(successes: number, total: number): boolean {
    return total >= this.#minRequests && total >= this.#k * successes;
  }

  #dropRatio(successes: number, total: number): number {
    return Math.max(0, (total - this.#k * successes) / (total + 1));
  }
}
