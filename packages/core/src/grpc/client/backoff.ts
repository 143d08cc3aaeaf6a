const firstMs = 1000;
const factor = 1.6;
const longestMs = 120_000;
const jitterRatio = 0.2;

export interface BackoffOptions {
  /** @default {Math.random} */
  readonly random?: () => number;
  /** A clock in milliseconds. @default {performance.now} */
  readonly now?: () => number;
}

/** When to connect again: gRPC's connection backoff, 1 s growing by 1.6 to 120 s, each give or take 20 %. */
export class Backoff {
  readonly #random: () => number;
  readonly #now: () => number;
  #baseMs = 0;
  #until = 0;

  constructor(options: BackoffOptions = {}) {
    this.#random = options.random ?? Math.random;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Milliseconds until a try is due; 0 is now. */
  get remainingMs(): number {
    return Math.max(0, this.#until - this.#now());
  }

  /** Notes that a try has failed. */
  failed(): void {
    this.#baseMs = this.#baseMs === 0 ? firstMs : Math.min(this.#baseMs * factor, longestMs);
    const spread = 1 + jitterRatio * (2 * this.#random() - 1);
    this.#until = this.#now() + this.#baseMs * spread;
  }

  /** Notes that a try has succeeded. */
  succeeded(): void {
    this.#baseMs = 0;
    this.#until = 0;
  }
}
