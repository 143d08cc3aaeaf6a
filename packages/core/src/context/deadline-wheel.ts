/**
 * One timer for all deadlines of the process.
 *
 * A deadline a call is cheap to set and nearly always dropped before it is due. Deadlines of the same
 * tick share a bucket, a ring of linked entries that a dropped one leaves at once, and there is a
 * single timer for the earliest bucket. A deadline fires up to one tick late, never early; a tick is
 * 8 ms, and more for deadlines that are far away: about a thousandth of the time to go.
 */
const tickMs = 8;

/** A deadline that is set; `cancel` drops it. */
export interface Deadline {
  cancel(): void;
}

/** A place in a ring; the one without a callback is the ring itself. */
class Entry implements Deadline {
  readonly callback: (() => void) | undefined;
  previous: Entry = this;
  next: Entry = this;

  constructor(callback: (() => void) | undefined) {
    this.callback = callback;
  }

  insertBefore(next: Entry): void {
    this.previous = next.previous;
    this.next = next;
    next.previous.next = this;
    next.previous = this;
  }

  cancel(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this;
    this.next = this;
  }
}

const buckets = new Map<number, Entry>();
/** The keys of `buckets`, the latest first: the next one is at the end. */
const order: number[] = [];
let latest = -1;
let latestRing: Entry | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let timerBucket = Infinity;

// setTimeout cannot count further; the wheel looks again then.
const longestSleepMs = 2 ** 31 - 1;

/**
 * Calls `callback` once the clock has passed `deadline` (epoch milliseconds; Infinity never comes). Does not keep
 * the process alive.
 */
export function onDeadline(deadline: number, callback: () => void): Deadline {
  const entry = new Entry(callback);
  // One that is no moment has no place among the others: they are sorted, and would wait behind it.
  if (deadline < Infinity) entry.insertBefore(ringOf(bucketOf(deadline)));
  return entry;
}

function bucketOf(deadline: number): number {
  const ticks = Math.ceil(deadline / tickMs);
  const aheadTicks = ticks - Date.now() / tickMs;
  if (aheadTicks < 1024) return ticks;
  const coarse = 2 ** Math.floor(Math.log2(aheadTicks / 512));
  return Math.ceil(ticks / coarse) * coarse;
}

function ringOf(bucket: number): Entry {
  // Calls that begin together with the same time to go share it.
  if (bucket === latest && latestRing !== undefined) return latestRing;
  let ring = buckets.get(bucket);
  if (ring === undefined) {
    ring = new Entry(undefined);
    buckets.set(bucket, ring);
    // A new one is the latest as a rule, or near it.
    const at = order.findIndex((other) => other < bucket);
    order.splice(at === -1 ? order.length : at, 0, bucket);
    if (bucket < timerBucket) arm(bucket);
  }
  latest = bucket;
  latestRing = ring;
  return ring;
}

function arm(bucket: number): void {
  clearTimeout(timer);
  timerBucket = bucket;
  const sleepMs = Math.min(Math.max(bucket * tickMs - Date.now(), 0), longestSleepMs);
  timer = setTimeout(turn, sleepMs);
  // A browser's timer is a number, and holds up nothing.
  if (typeof timer === "object") timer.unref();
}

function turn(): void {
  const now = Date.now() / tickMs;
  timer = undefined;
  timerBucket = Infinity;
  const due: Entry[] = [];
  for (let bucket = order.at(-1); bucket !== undefined && bucket <= now; bucket = order.at(-1)) {
    order.pop();
    const ring = buckets.get(bucket);
    buckets.delete(bucket);
    if (bucket === latest) latestRing = undefined;
    if (ring !== undefined && ring.next !== ring) due.push(ring);
  }
  const [next] = order.slice(-1);
  if (next !== undefined) arm(next);
  for (const ring of due) expire(ring);
}

/** An entry that an earlier one cancels on its way does not fire. */
function expire(ring: Entry): void {
  for (let entry = ring.next; entry !== ring; entry = ring.next) {
    entry.cancel();
    entry.callback?.();
  }
}
