/**
 * What was counted lately: a ring of buckets, each of which holds what was added during its time.
 *
 *     const requests = new RollingCounter({ buckets: 10, bucketMs: 300 });
 *     requests.add(1);
 *     requests.total().sum; // of the last three seconds
 *
 * After go-kratos/aegis pkg/window. Different on purpose: once a clock has gone back by a bucket or more, the
 * window begins anew at the next add, where Go's stays empty until the clock has caught up.
 */

/** What was added to a bucket, or to several. */
export interface Bucket {
  /** The values, added up. */
  readonly sum: number;
  /** How many values. */
  readonly count: number;
}

export interface RollingCounterOptions {
  /** How many buckets the window has; an integer from 1. @default 10 */
  readonly buckets?: number;
  /** The time of one bucket in milliseconds. @default 300 */
  readonly bucketMs?: number;
  /** Milliseconds on a clock of any begin. @default {() => performance.now()} */
  readonly now?: () => number;
}

const defaults = {
  buckets: 10,
  bucketMs: 300,
  now: () => performance.now(),
} satisfies Required<RollingCounterOptions>;

/** More would be slow to read, and is surely a mistake. */
const maxBuckets = 65_536;

/** Counts values in a window that rolls with the time. Neither adding nor reading takes more than one pass over the ring. */
export class RollingCounter {
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;
  readonly #size: number;
  readonly #bucketMs: number;
  readonly #now: () => number;
  /** The bucket being filled, and when it began. */
  #current = 0;
  #beginMs: number;

  /** @throws {RangeError} If there is no bucket, or it has no time. */
  constructor(options: RollingCounterOptions = {}) {
    const { buckets, bucketMs, now } = { ...defaults, ...options };
    if (!Number.isInteger(buckets) || buckets < 1 || buckets > maxBuckets) {
      throw new RangeError(
        `Cannot count in a window as 'buckets' must be an integer from 1 to ${maxBuckets}: current value is ${buckets}`,
      );
    }
    if (!(bucketMs > 0 && bucketMs < Infinity)) {
      throw new RangeError(
        `Cannot count in a window as 'bucketMs' must be more than 0: current value is ${bucketMs}`,
      );
    }
    this.#size = buckets;
    this.#bucketMs = bucketMs;
    this.#now = now;
    this.#beginMs = now();
    this.#sums = new Float64Array(buckets);
    this.#counts = new Float64Array(buckets);
  }

  /** Adds a value to the bucket of this moment. */
  add(value: number): void {
    this.#advance();
    const index = this.#current;
    this.#sums[index] = (this.#sums[index] ?? 0) + value;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  /** Adds up the buckets that are within the window. */
  total(): Bucket {
    let sum = 0;
    let count = 0;
    const passed = this.#passed();
    for (let back = this.#size - 1 - passed; back >= 0; back -= 1) {
      const index = this.#indexOf(back);
      sum += this.#sums[index] ?? 0;
      count += this.#counts[index] ?? 0;
    }
    return { sum, count };
  }

  /** Answers the buckets that are within the window, the oldest first; the one being filled while its time is not over. */
  buckets(): readonly Bucket[] {
    return this.#list(0);
  }

  /** Answers the buckets that are within the window and full, the oldest first. */
  completeBuckets(): readonly Bucket[] {
    return this.#list(this.#passed() === 0 ? 1 : 0);
  }

  #list(youngest: number): readonly Bucket[] {
    const all: Bucket[] = [];
    for (let back = this.#size - 1 - this.#passed(); back >= youngest; back -= 1) {
      const index = this.#indexOf(back);
      all.push({ sum: this.#sums[index] ?? 0, count: this.#counts[index] ?? 0 });
    }
    return all;
  }

  #indexOf(back: number): number {
    const index = this.#current - back;
    return index < 0 ? index + this.#size : index;
  }

  /** Whole bucket times since the current bucket began: all of the window when the clock has gone back. */
  #passed(): number {
    const passed = Math.trunc((this.#now() - this.#beginMs) / this.#bucketMs);
    return passed < 0 || passed > this.#size ? this.#size : passed;
  }

  #advance(): void {
    const nowMs = this.#now();
    const passed = Math.trunc((nowMs - this.#beginMs) / this.#bucketMs);
    if (passed === 0) return;
    if (passed < 0 || passed >= this.#size) {
      this.#sums.fill(0);
      this.#counts.fill(0);
    }
    if (passed < 0) {
      this.#beginMs = nowMs;
      return;
    }
    this.#beginMs += passed * this.#bucketMs;
    for (let entered = Math.min(passed, this.#size); entered > 0; entered -= 1) {
      this.#current = (this.#current + 1) % this.#size;
      this.#sums[this.#current] = 0;
      this.#counts[this.#current] = 0;
    }
  }
}
