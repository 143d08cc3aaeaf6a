/** Looks at this process's memory from a moment on, and keeps the most it has grown by. */
export class MemoryWatch {
  #baseBytes = 0;
  #mostBytes = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Begins to count from here. */
  begin(): void {
    this.#baseBytes = heldBytes();
    this.#timer = setInterval(() => this.#look(), 10);
  }

  /** The most bytes above the beginning. */
  end(): number {
    this.#look();
    clearInterval(this.#timer);
    return this.#mostBytes;
  }

  #look(): void {
    this.#mostBytes = Math.max(this.#mostBytes, heldBytes() - this.#baseBytes);
  }
}

/** What the system has given, and what lies outside of the heap: buffers count twice, to be on the safe side. */
function heldBytes(): number {
  const { rss, external } = process.memoryUsage();
  return rss + external;
}
