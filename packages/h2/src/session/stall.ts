/** Less than this in the time given is no progress: a peer may not keep bytes here for a byte a while. */
const leastBytes = 1024;

/** Tells whether bytes have moved, looked at from time to time. */
export class Stall {
  #movedBytes = 0;
  #sinceMs = Infinity;

  move(bytes: number): void {
    this.#movedBytes += bytes;
  }

  /** True when next to nothing moved for the time given, as far back as this was asked. */
  lasts(nowMs: number, timeoutMs: number): boolean {
    if (this.#movedBytes < leastBytes && this.#sinceMs !== Infinity) {
      return nowMs - this.#sinceMs > timeoutMs;
    }
    this.#movedBytes = 0;
    this.#sinceMs = nowMs;
    return false;
  }
}
