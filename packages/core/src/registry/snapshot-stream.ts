/** Where a producer of snapshots puts them. */
export interface SnapshotSink<T> {
  /** Offers the newest snapshot; one that was not read yet is dropped. */
  push(snapshot: T): void;
  /** Ends the stream with an error, after the snapshot that was not read yet. */
  fail(error: unknown): void;
}

/** Begins to produce; answers what stops it. */
export type SnapshotProducer<T> = (sink: SnapshotSink<T>) => () => void;

/**
 * Makes the AsyncIterable of a watch. Each iteration starts a producer when it is first read and
 * stops it when the signal aborts, the reader leaves or the producer fails. It holds one snapshot at
 * most, so a slow reader costs no memory; on abort the iteration ends at once.
 *
 * ```ts
 * watch(name, { signal }) {
 *   return snapshotStream((sink) => backend.subscribe(name, (set) => sink.push(set)), { signal });
 * }
 * ```
 */
export function snapshotStream<T>(
  start: SnapshotProducer<T>,
  options: { readonly signal: AbortSignal },
): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => new SnapshotIterator(start, options.signal) };
}

interface Reader<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

class SnapshotIterator<T> implements AsyncIterator<T, undefined>, SnapshotSink<T> {
  readonly #start: SnapshotProducer<T>;
  readonly #signal: AbortSignal;
  readonly #readers: Reader<T>[] = [];
  #state: "new" | "running" | "ended" = "new";
  #stop: (() => void) | undefined;
  #unread: { readonly snapshot: T } | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(start: SnapshotProducer<T>, signal: AbortSignal) {
    this.#start = start;
    this.#signal = signal;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#state === "new") this.#begin();
    const unread = this.#unread;
    if (unread !== undefined) {
      this.#unread = undefined;
      return Promise.resolve({ done: false, value: unread.snapshot });
    }
    const failure = this.#failure;
    if (failure !== undefined) {
      this.#failure = undefined;
      return Promise.reject(failure.error);
    }
    if (this.#state === "ended") return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  push(snapshot: T): void {
    if (this.#state !== "running") return;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#unread = { snapshot };
    else reader.resolve({ done: false, value: snapshot });
  }

  fail(error: unknown): void {
    if (this.#state !== "running") return;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#failure = { error };
    else reader.reject(error);
    this.#end();
  }

  #begin(): void {
    if (this.#signal.aborted) {
      this.#state = "ended";
      return;
    }
    this.#state = "running";
    this.#signal.addEventListener("abort", this.#leave, { once: true });
    const stop = this.#start(this);
    if (this.#isRunning()) this.#stop = stop;
    else stop();
  }

  // A method, as `start` may have changed the state and the compiler cannot know.
  #isRunning(): boolean {
    return this.#state === "running";
  }

  readonly #leave = (): void => {
    this.#unread = undefined;
    this.#failure = undefined;
    this.#end();
  };

  #end(): void {
    this.#state = "ended";
    this.#signal.removeEventListener("abort", this.#leave);
    this.#stop?.();
    this.#stop = undefined;
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
  }
}
