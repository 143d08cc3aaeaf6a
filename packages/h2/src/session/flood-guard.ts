import { attack } from "./fault.ts";

/** Cheap frames a peer may have sent ahead of the rate. */
const burst = 1000;
/** Cheap frames a second that are always fine. */
const ratePerSecond = 100;

/**
 * A budget for frames that cost the peer nothing and this side something: resets, PINGs, SETTINGS,
 * PRIORITY, empty frames, window updates. It refills with time, and with work that is worth it.
 */
export class FloodGuard {
  readonly #now: () => number;
  #tokens = burst;
  #filledAtMs: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#filledAtMs = now();
  }

  /** @throws {H2Error} ENHANCE_YOUR_CALM when the budget is spent. */
  spend(name: string): void {
    if (this.#tokens < 1) this.#refill();
    if (this.#tokens < 1) {
      throw attack(`${name} flood`, `Cannot go on as a peer may send at most ${burst} cheap frames at once and ${ratePerSecond} a second: the last was ${name}`);
    }
    this.#tokens -= 1;
  }

  /** Grants as many cheap frames, for frames that ask for an answer of that kind. */
  earn(tokens: number): void {
    this.#tokens = Math.min(burst, this.#tokens + tokens);
  }

  #refill(): void {
    const nowMs = this.#now();
    this.earn(((nowMs - this.#filledAtMs) / 1000) * ratePerSecond);
    this.#filledAtMs = nowMs;
  }
}
