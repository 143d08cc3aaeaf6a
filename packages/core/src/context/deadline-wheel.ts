/**
 * One timer for all deadlines of the process.
 *
 * A deadline a call is cheap to set and nearly always dropped before it is due, so the wheel keeps
 * buckets of `tickMs` and a single timer for the earliest of them; dropping one is a flag. A
 * deadline therefore fires up to one tick late, never early.
 */
const tickMs = 8;

/** A deadline that is set; `cancel` drops it. */
export interface Deadline {
  cancel(): void;
}

class Entry implements Deadline {
  callback: (() => void) | undefined;
  constructor(callback: () => void) {
    this.callback = callback;
  }
  cancel(): void {
    this.callback = undefined;
  }
}

const buckets = new Map<number, Entry[]>();
let timer: ReturnType<typeof setTimeout> | undefined;
let timerBucket = Infinity;

// setTimeout cannot count further; the wheel looks again then.
const longestSleepMs = 2 ** 31 - 1;

/** Calls `callback` once the clock has passed `deadline` (epoch milliseconds). Does not keep the process alive. */
export function onDeadline(deadline: number, callback: () => void): Deadline {
  const bucket = Math.ceil(deadline / tickMs);
  const entry = new Entry(callback);
  const entries = buckets.get(bucket);
  if (entries === undefined) {
    buckets.set(bucket, [entry]);
    if (bucket < timerBucket) arm(bucket);
  } else {
    entries.push(entry);
  }
  return entry;
}

function arm(bucket: number): void {
  clearTimeout(timer);
  timerBucket = bucket;
  const sleepMs = Math.min(Math.max(bucket * tickMs - Date.now(), 0), longestSleepMs);
  timer = setTimeout(turn, sleepMs);
  timer.unref();
}

function turn(): void {
  const now = Math.floor(Date.now() / tickMs);
  timer = undefined;
  timerBucket = Infinity;
  let next = Infinity;
  const due: Entry[] = [];
  for (const [bucket, entries] of buckets) {
    if (bucket <= now) {
      buckets.delete(bucket);
      for (const entry of entries) due.push(entry);
    } else if (bucket < next) {
      next = bucket;
    }
  }
  if (next < timerBucket) arm(next);
  for (const entry of due) entry.callback?.();
}
