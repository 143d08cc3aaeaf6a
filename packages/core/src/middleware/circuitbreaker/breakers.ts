import type { Breaker } from "@kratosjs/aegis/sre";

/**
 * The breakers by operation, each made when it is first asked for. Of those not asked for in a long time none
 * is kept: operations are the methods of a schema, but a client's may also be the path of its request, of which
 * there is no end.
 */
export class Breakers {
  readonly #make: (operation: string) => Breaker;
  readonly #most: number;
  #young: Map<string, Breaker> = new Map();
  #old: ReadonlyMap<string, Breaker> = new Map();

  /** Keeps at least `most` breakers, and at most twice as many. */
  constructor(make: (operation: string) => Breaker, most: number) {
    this.#make = make;
    this.#most = most;
  }

  get(operation: string): Breaker {
    return this.#young.get(operation) ?? this.#add(operation);
  }

  #add(operation: string): Breaker {
    const breaker = this.#old.get(operation) ?? this.#make(operation);
    if (this.#young.size >= this.#most) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(operation, breaker);
    return breaker;
  }
}
