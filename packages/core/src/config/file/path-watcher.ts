import { type FSWatcher, watch } from "node:fs";
import { basename } from "node:path";

/** A path to watch. */
export interface WatchTarget {
  readonly path: string;
  /** Only what happens under this name in it; undefined: everything. */
  readonly name: string | undefined;
}

/**
 * Watches several paths and tells when they have changed and are quiet again.
 * Neither its watches nor its timers keep the process alive.
 */
export class PathWatcher {
  readonly #signal: AbortSignal;
  readonly #debounceMs: number;
  readonly #watches: Map<string, Watch> = new Map();
  readonly #onAbort: () => void = () => this.#settle();
  #firstChangeAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isSettled = false;
  #wake: (() => void) | undefined;

  constructor(options: { readonly signal: AbortSignal; readonly debounceMs: number }) {
    this.#signal = options.signal;
    this.#debounceMs = options.debounceMs;
    this.#signal.addEventListener("abort", this.#onAbort);
  }

  /**
   * Watches exactly these paths, as far as they are there and may be read. Answers whether a new watch had to be made.
   * @throws {Error} If none of them can be watched, or the system has no more watches.
   */
  aim(targets: readonly WatchTarget[]): boolean {
    const wanted = new Map(targets.map((target) => [keyOf(target), target]));
    for (const [key, { watcher, isDead }] of this.#watches) {
      if (wanted.has(key) && !isDead) continue;
      watcher.close();
      this.#watches.delete(key);
    }
    const missing = [...wanted].filter(([key]) => !this.#watches.has(key));
    const failures = missing.flatMap(([key, target]) => this.#start(key, target));
    if (this.#watches.size === 0) throw failures[0];
    return failures.length < missing.length;
  }

  /** Waits until something has changed and then nothing more; answers false when the signal aborts. */
  async changed(): Promise<boolean> {
    if (!this.#isSettled && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#isSettled = false;
    return !this.#signal.aborted;
  }

  /** Stops all watches. */
  close(): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this.#onAbort);
    for (const { watcher } of this.#watches.values()) watcher.close();
    this.#watches.clear();
  }

  #start(key: string, target: WatchTarget): readonly unknown[] {
    try {
      const watcher = watch(target.path, { persistent: false });
      const own: Watch = { watcher, isDead: false };
      watcher.on("change", (kind, name) =>
        this.#onEvent(own, { target, kind, name: name?.toString() }),
      );
      watcher.on("error", () => this.#onEnd(own));
      this.#watches.set(key, own);
      return [];
    } catch (error) {
      if (!isUnwatchable(error)) throw error;
      return [error];
    }
  }

  #onEvent(
    own: Watch,
    event: { target: WatchTarget; kind: string; name: string | undefined },
  ): void {
    const { target, kind, name } = event;
    // A watched path that is removed or replaced says so under its own name; this watch hears no more.
    const isGone = kind === "rename" && name === basename(target.path);
    if (isGone) this.#onEnd(own);
    else if (target.name === undefined || name === undefined || name === target.name) this.#note();
  }

  #onEnd(own: Watch): void {
    own.isDead = true;
    this.#note();
  }

  // Where changes never cease, they are told nevertheless from time to time.
  #note(): void {
    const now = performance.now();
    this.#firstChangeAt ??= now;
    const leftMs = this.#firstChangeAt + maxDebounces * this.#debounceMs - now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(), Math.max(0, Math.min(this.#debounceMs, leftMs)));
    this.#timer.unref();
  }

  #settle(): void {
    this.#firstChangeAt = undefined;
    this.#isSettled = true;
    this.#wake?.();
  }
}

const maxDebounces = 10;

interface Watch {
  readonly watcher: FSWatcher;
  isDead: boolean;
}

function keyOf(target: WatchTarget): string {
  return `${target.name ?? ""}\0${target.path}`;
}

function isUnwatchable(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR" || code === "EACCES" || code === "EPERM";
}
