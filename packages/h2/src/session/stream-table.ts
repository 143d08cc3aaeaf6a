import type { H2Stream } from "./h2-stream.ts";

const leastBuckets = 64;

/**
 * The open streams by id. A Map grows anew as streams come and go, and V8 leaves each of its old tables
 * pointing to the next: streams that ended would survive the collector's quick rounds.
 */
export class StreamTable {
  #buckets: (H2Stream | undefined)[] = newBuckets(leastBuckets);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): H2Stream | undefined {
    let stream = this.#buckets[this.#bucketOf(id)];
    while (stream !== undefined && stream.id !== id) stream = stream.nextInTable;
    return stream;
  }

  /** Adds a stream whose id is new. */
  add(stream: H2Stream): void {
    if (this.#size >= this.#buckets.length) this.#grow();
    this.#size += 1;
    this.#put(stream);
  }

  delete(stream: H2Stream): void {
    const bucket = this.#bucketOf(stream.id);
    let before: H2Stream | undefined;
    let at = this.#buckets[bucket];
    while (at !== undefined && at !== stream) {
      before = at;
      at = at.nextInTable;
    }
    if (at === undefined) return;
    if (before === undefined) this.#buckets[bucket] = stream.nextInTable;
    else before.nextInTable = stream.nextInTable;
    stream.nextInTable = undefined;
    this.#size -= 1;
  }

  /** The streams open now, the oldest first. */
  values(): readonly H2Stream[] {
    const all: H2Stream[] = [];
    for (const first of this.#buckets) {
      for (let stream = first; stream !== undefined; stream = stream.nextInTable) all.push(stream);
    }
    return all.toSorted((one, other) => one.id - other.id);
  }

  #put(stream: H2Stream): void {
    const bucket = this.#bucketOf(stream.id);
    stream.nextInTable = this.#buckets[bucket];
    this.#buckets[bucket] = stream;
  }

  #grow(): void {
    const all = this.values();
    this.#buckets = newBuckets(this.#buckets.length * 2);
    for (const stream of all) this.#put(stream);
  }

  /** Ids of a side are every other number. */
  #bucketOf(id: number): number {
    return (id >>> 1) & (this.#buckets.length - 1);
  }
}

function newBuckets(count: number): (H2Stream | undefined)[] {
  return Array.from({ length: count }, () => undefined);
}
