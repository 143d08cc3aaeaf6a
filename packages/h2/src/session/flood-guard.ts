import { attack } from "./fault.ts";

/** Cheap frames a peer may have sent ahead of the rate. */
const burst = 1000;
/** Cheap frames a second that are always fine. */
const ratePerSecond = 100;
const earnedByExchange = 0.25;

/**
 * A budget for frames that cost the peer nothing and this side something: resets, PINGs, SETTINGS,
 * PRIORITY, empty frames, window updates. It refills with time, and with what the peer has earned.
 */
export class FloodGuard {
  readonly #now: () => number;
  readonly #earned: () => number;
  /** What was spent in all. */
  spent = 0;
  #tokens = burst;
  #filledAtMs: number;

  /** `earned` answers the frames that were called for since it was asked last. */
  constructor(now: () => number, earned: () => number = () => 0) {
    this.#now = now;
    this.#earned = earned;
    this.#filledAtMs = now();
  }

  /** @throws {H2Error} ENHANCE_YOUR_CALM when the budget is spent. */
  spend(name: string, tokens = 1): void {
    if (this.#tokens < tokens) this.#refill();
    if (this.#tokens < tokens) {
      throw attack(
        `${name} flood`,
        `Cannot go on as a peer may send at most ${burst} cheap frames at once and ${ratePerSecond} a second: the last was ${name} (RFC 9113 section 10.5)`,
      );
    }
    this.#tokens -= tokens;
    this.spent += tokens;
  }

  /**
   * Gives back for an exchange that came to its proper end: whoever has many may also give some up.
   * Less than a reset costs, or a request and a reset by turns would go on for ever.
   */
  earn(): void {
    if (this.#tokens < burst) this.#tokens += earnedByExchange;
  }

  #refill(): void {
    const nowMs = this.#now();
    const granted = ((nowMs - this.#filledAtMs) / 1000) * ratePerSecond + this.#earned();
    this.#tokens = Math.min(burst, this.#tokens + granted);
    this.#filledAtMs = nowMs;
  }
}
