/** Lets the wire stop and go on. */
export interface InboxWire {
  pause(): void;
  resume(): void;
}

const highWaterBytes = 64 * 1024;
// What a waiting message costs besides its bytes, so that many small ones count too.
const messageOverheadBytes = 64;

/** Messages that wait for their reader; when they are many the wire waits as well. One reader at a time. */
export class MessageInbox {
  readonly #wire: InboxWire;
  #messages: Uint8Array[] = [];
  #size = 0;
  #isPaused = false;
  #end: { readonly error: Error | undefined } | undefined;
  #wake: (() => void) | undefined;

  constructor(wire: InboxWire) {
    this.#wire = wire;
  }

  /** Whether the wire has been made to wait. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** The next message; undefined at the end. Rejects with the error of a stream that broke off. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) {
        this.#take(message);
        return message;
      }
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  push(message: Uint8Array): void {
    if (this.#end !== undefined) return;
    this.#messages.push(message);
    this.#size += message.length + messageOverheadBytes;
    if (this.#size >= highWaterBytes && !this.#isPaused) {
      this.#isPaused = true;
      this.#wire.pause();
    }
    this.#wakeReader();
  }

  /** No more messages come; those that wait are still read. Later ends change nothing. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#wakeReader();
  }

  /** Forgets what waits: its reader has left. */
  drop(error?: Error): void {
    this.#messages = [];
    this.#size = 0;
    this.#end = this.#end?.error === undefined ? { error } : this.#end;
    this.#resume();
    this.#wakeReader();
  }

  #take(message: Uint8Array): void {
    this.#size -= message.length + messageOverheadBytes;
    if (this.#size < highWaterBytes / 2) this.#resume();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#wire.resume();
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
