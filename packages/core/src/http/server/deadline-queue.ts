/** Something that may run out of time; the queue links those that wait. */
export interface Expiring {
  /** Epoch milliseconds. */
  readonly deadline: number;
  expire(): void;
}

/**
 * The deadlines of calls that all have the same time: in the order they begin they also run out, so one
 * timer looks at the first alone. A call that is answered leaves at once and nothing of it stays behind,
 * where a timer wheel would keep its entry until the time is up.
 */
export class DeadlineQueue {
  // A ring that begins and ends at a place without an item.
  readonly #end: Place = new Place(undefined);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Calls `item.expire()` when its deadline has passed, unless its place is removed before. */
  add(item: Expiring): Place {
    const place = new Place(item);
    place.insertBefore(this.#end);
    if (this.#timer === undefined) this.#arm(item.deadline);
    return place;
  }

  #arm(deadline: number): void {
    this.#timer = setTimeout(() => this.#look(), Math.max(deadline - Date.now(), 1));
    this.#timer.unref();
  }

  #look(): void {
    this.#timer = undefined;
    const now = Date.now();
    for (let place = this.#end.next; place.item !== undefined; place = this.#end.next) {
      if (place.item.deadline > now) return this.#arm(place.item.deadline);
      place.remove();
      place.item.expire();
    }
  }
}

/** A place in a queue. */
export class Place {
  readonly item: Expiring | undefined;
  #previous: Place = this;
  #next: Place = this;

  constructor(item: Expiring | undefined) {
    this.item = item;
  }

  get next(): Place {
    return this.#next;
  }

  insertBefore(next: Place): void {
    this.#previous = next.#previous;
    this.#next = next;
    next.#previous.#next = this;
    next.#previous = this;
  }

  /** Leaves the queue; a second time does nothing. */
  remove(): void {
    this.#previous.#next = this.#next;
    this.#next.#previous = this.#previous;
    this.#previous = this;
    this.#next = this;
  }
}
