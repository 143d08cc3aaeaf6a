const firstPauseMs = 1000;
const longestPauseMs = 30_000;

interface Pause {
  pauseMs: number;
  untilMs: number;
  isTrying: boolean;
}

/**
 * Addresses that could not be reached, each passed over for a while: 1 s after the first failure, twice as
 * long after each further one, 30 s at most. When the while is over one call at a time tries the address.
 */
export class Quarantine {
  readonly #now: () => number;
  readonly #pauses: Map<string, Pause> = new Map();

  constructor(now: () => number) {
    this.#now = now;
  }

  get isEmpty(): boolean {
    return this.#pauses.size === 0;
  }

  /** Whether the address should be passed over now. */
  has(address: string): boolean {
    const pause = this.#pauses.get(address);
    return pause !== undefined && this.#now() < pause.untilMs;
  }

  /** Notes a failure to reach the address. Calls that fail together count as one. */
  add(address: string): void {
    const pause = this.#pauses.get(address);
    const now = this.#now();
    if (pause !== undefined && now < pause.untilMs && !pause.isTrying) return;
    const pauseMs =
      pause === undefined ? firstPauseMs : Math.min(pause.pauseMs * 2, longestPauseMs);
    this.#pauses.set(address, { pauseMs, untilMs: now + pauseMs, isTrying: false });
  }

  /** Notes that a call goes to the address: when its while is over, the other calls wait for what comes of this one. */
  tryOut(address: string): void {
    const pause = this.#pauses.get(address);
    const now = this.#now();
    if (pause === undefined || now < pause.untilMs) return;
    pause.untilMs = now + pause.pauseMs;
    pause.isTrying = true;
  }

  /** Forgets an address: it was reached, or it is another instance's now. */
  delete(address: string): void {
    this.#pauses.delete(address);
  }
}
