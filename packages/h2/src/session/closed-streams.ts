/** As many as may be open by default: all of them may be reset at once. */
const size = 1024;

/**
 * The streams that ended last. Frames for them may still be on their way: after a reset of ours they
 * are ignored, after a proper end they are a breach. Looked through only when such a frame comes.
 */
export class ClosedStreams {
  readonly #ids = new Int32Array(size);
  readonly #resets = new Uint8Array(size);
  #at = 0;

  add(id: number, resetByUs: boolean): void {
    this.#ids[this.#at] = id;
    this.#resets[this.#at] = resetByUs ? 1 : 0;
    this.#at = (this.#at + 1) % size;
  }

  /** How a stream ended, as far as is remembered. */
  find(id: number): "reset" | "ended" | undefined {
    const at = this.#ids.indexOf(id);
    if (at < 0) return undefined;
    return this.#resets[at] === 1 ? "reset" : "ended";
  }
}
