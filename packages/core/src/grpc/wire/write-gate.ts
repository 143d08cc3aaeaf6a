/** Where a writer waits until the peer has room again. */
export class WriteGate {
  #waiting: (() => void) | undefined;

  /** Resolves at the next `open`. One writer waits at a time. */
  passed(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Lets the writer on. */
  open(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }
}
