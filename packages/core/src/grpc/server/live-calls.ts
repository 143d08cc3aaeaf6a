/** A call under way, as the server that may have to end it sees it. A link of a list, as a Set costs more than the rest of the bookkeeping. */
export interface LiveCall {
  previous: LiveCall | undefined;
  next: LiveCall | undefined;
  /** A stream that would stand for ever and must not hold a graceful stop. */
  readonly standing: boolean;
  /** Ends the call with UNAVAILABLE. */
  end(): void;
}

/** The calls under way. */
export class LiveCalls {
  #first: LiveCall | undefined;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(call: LiveCall): void {
    const first = this.#first;
    call.next = first;
    if (first !== undefined) first.previous = call;
    this.#first = call;
    this.#count += 1;
  }

  /** Takes out a call that is in. */
  delete(call: LiveCall): void {
    const { previous, next } = call;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    call.previous = undefined;
    call.next = undefined;
    this.#count -= 1;
  }

  /** Ends the calls that stand for ever, or all. */
  end(which: "standing" | "all"): void {
    let call = this.#first;
    while (call !== undefined) {
      // Ending takes it out of the list.
      const { next } = call;
      if (which === "all" || call.standing) call.end();
      call = next;
    }
  }
}
