/** Numbers in the order of their size: the smallest is read at once, taken and added in log n. */
export class MinHeap {
  readonly #items: number[] = [];

  /** The smallest; undefined when there is none. */
  get smallest(): number | undefined {
    return this.#items[0];
  }

  add(item: number): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent] ?? 0;
      if (above <= item) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  /** Takes the smallest away. */
  take(): void {
    const items = this.#items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      const right = items[child + 1];
      if (right !== undefined && right < (items[child] ?? 0)) child += 1;
      const below = items[child];
      if (below === undefined || below >= last) break;
      items[at] = below;
      at = child;
    }
    items[at] = last;
  }
}
