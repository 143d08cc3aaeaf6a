/** What can be in a LiveSet: it keeps its own place there. */
export interface Placed {
  /** For the set alone. */
  place: number;
}

/**
 * Things that come and go by the hundred thousand a second. A Set grows anew as they do, and V8 leaves each
 * of its old tables pointing to the next: what an old one holds survives the collector's quick rounds.
 */
export class LiveSet<T extends Placed> {
  readonly #items: T[] = [];

  add(item: T): void {
    const place = this.#items.push(item) - 1;
    item.place = place;
  }

  /** Takes out what is in; each thing at most once. */
  delete(item: T): void {
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#items[item.place] = last;
    last.place = item.place;
  }

  values(): readonly T[] {
    return this.#items;
  }
}
