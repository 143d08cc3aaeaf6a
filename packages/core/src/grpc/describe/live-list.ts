import type { LiveCallDescription } from "./description.ts";

/** A call under way. A link of a list, as a Set costs more than the rest of the bookkeeping. */
export interface LiveLink<C> {
  previous: C | undefined;
  next: C | undefined;
  readonly operation: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Epoch milliseconds; undefined without one. */
  readonly deadline: number | undefined;
}

/** The calls under way, the youngest first. */
export class LiveList<C extends LiveLink<C>> {
  #first: C | undefined;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(call: C): void {
    const first = this.#first;
    call.next = first;
    if (first !== undefined) first.previous = call;
    this.#first = call;
    this.#count += 1;
  }

  /** Takes out a call that is in. */
  delete(call: C): void {
    const { previous, next } = call;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    call.previous = undefined;
    call.next = undefined;
    this.#count -= 1;
  }

  /** Goes through all; the call in hand may be taken out meanwhile. */
  *[Symbol.iterator](): Generator<C, void, undefined> {
    let call = this.#first;
    while (call !== undefined) {
      const { next } = call;
      yield call;
      call = next;
    }
  }

  describe(): readonly LiveCallDescription[] {
    const now = Date.now();
    return [...this].map(({ operation, startedAt, deadline }) => ({
      operation,
      startedAt,
      ageMs: now - startedAt,
      deadline,
    }));
  }
}
