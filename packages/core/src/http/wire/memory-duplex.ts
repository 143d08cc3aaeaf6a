import { Duplex } from "node:stream";

/** The two ends of a connection in memory: what is written to one is read from the other. */
export function duplexPair(): readonly [Duplex, Duplex] {
  const left = new MemoryDuplex();
  const right = new MemoryDuplex();
  left.join(right);
  right.join(left);
  return [left, right];
}

class MemoryDuplex extends Duplex {
  #other: MemoryDuplex | undefined;
  #resume: (() => void) | undefined;

  join(other: MemoryDuplex): void {
    this.#other = other;
  }

  override _read(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#other?.receive(chunk, done);
  }

  override _final(done: () => void): void {
    this.#other?.receive(null, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#resume?.();
    // A destroyed end cannot be read or written; the other learns it as of a reset connection.
    const other = this.#other;
    if (other !== undefined && !other.destroyed) process.nextTick(() => other.destroy());
    done(error);
  }

  /** Takes what the other end wrote; `done` waits until it is asked for. */
  receive(chunk: Buffer | null, done: () => void): void {
    if (this.destroyed || this.readableEnded || this.push(chunk) || chunk === null) done();
    else this.#resume = done;
  }
}
