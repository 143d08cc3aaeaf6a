import type { LiveExchangeDescription } from "../describe/description.ts";
import { describeExchange, type LiveExchange } from "../describe/live-exchange.ts";
import type { FetchWire } from "./fetch-exchange.ts";
import { LiveSet, type Placed } from "./live-set.ts";
import type { WireState } from "./node-exchange.ts";

/** An exchange that another server lets this one answer. */
export interface Guest extends LiveExchange, Placed {
  destroy(): void;
}

/** Milliseconds; 0 is for ever. */
export interface GuestTimes {
  readonly writeTimeoutMs: number;
  readonly bodyIdleTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

/** The exchanges under way that came over connections of other servers, which are theirs to keep or to close. */
export class Guests implements WireState, FetchWire {
  readonly writeTimeoutMs: number;
  readonly bodyIdleTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly #home: Pick<WireState, "draining" | "persistLines">;
  readonly #exchanges: LiveSet<Guest> = new LiveSet();
  #count = 0;
  #onEmpty: (() => void) | undefined;

  /** Takes from the server's own connections whether it is draining. */
  constructor(home: Pick<WireState, "draining" | "persistLines">, times: GuestTimes) {
    this.#home = home;
    this.writeTimeoutMs = times.writeTimeoutMs;
    this.bodyIdleTimeoutMs = times.bodyIdleTimeoutMs;
    this.requestTimeoutMs = times.requestTimeoutMs;
  }

  get draining(): boolean {
    return this.#home.draining;
  }

  get persistLines(): string {
    return this.#home.persistLines;
  }

  begin(exchange: Guest): void {
    this.#count += 1;
    this.#exchanges.add(exchange);
  }

  end(exchange: Guest): void {
    this.#count -= 1;
    this.#exchanges.delete(exchange);
    if (this.#count === 0) this.#onEmpty?.();
  }

  /** Resolves when none is left. */
  drain(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  /** Cuts those under way. */
  cut(): void {
    for (const exchange of this.#exchanges.values().slice()) exchange.destroy(); // leaving, they change the set
  }

  /** Tells of those under way. */
  describe(): readonly LiveExchangeDescription[] {
    const now = Date.now();
    return this.#exchanges.values().map((exchange) => describeExchange(exchange, now));
  }
}
