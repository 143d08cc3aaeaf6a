/** How many intervals apart failing beats can get. */
const maxBackoffFactor = 10;

/** Beats at an interval until it is stopped; a beat that fails is tried again, forever, ever more seldom. */
export class Heartbeat {
  readonly #beat: () => Promise<void>;
  readonly #intervalMs: number;
  readonly #onFailure: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #current: Promise<void> = Promise.resolve();
  #stopped = false;
  #failures = 0;

  /** `onFailure` is called once a beat that failed. */
  constructor(
    beat: () => Promise<void>,
    options: { readonly intervalMs: number; readonly onFailure: () => void },
  ) {
    this.#beat = beat;
    this.#intervalMs = options.intervalMs;
    this.#onFailure = options.onFailure;
    this.#schedule();
  }

  /** Resolves when no beat is under way and none will come. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#current;
  }

  #schedule(): void {
    if (this.#stopped) return;
    const factor = Math.min(2 ** this.#failures, maxBackoffFactor);
    this.#timer = setTimeout(() => {
      this.#current = this.#run();
    }, this.#intervalMs * factor);
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    try {
      await this.#beat();
      this.#failures = 0;
    } catch {
      this.#failures += 1;
      this.#onFailure();
    }
    this.#schedule();
  }
}
