const bucketsPerOctave = 64;
const octaves = 24;

/**
 * How long calls took, from a microsecond to some seconds, in buckets of about one percent: whoever makes
 * more calls in the same time needs no more memory for it.
 */
export class Latencies {
  readonly #buckets: Uint32Array = new Uint32Array(bucketsPerOctave * octaves);
  count = 0;

  add(latencyMs: number): void {
    const octave = Math.log2(Math.max(latencyMs * 1000, 1));
    const bucket = Math.min(Math.floor(octave * bucketsPerOctave), this.#buckets.length - 1);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.count += 1;
  }

  clear(): void {
    this.#buckets.fill(0);
    this.count = 0;
  }

  percentiles(): { readonly p50Micros: number; readonly p99Micros: number } {
    return { p50Micros: this.#at(0.5), p99Micros: this.#at(0.99) };
  }

  #at(ratio: number): number {
    let left = this.count * ratio;
    const bucket = this.#buckets.findIndex((calls) => (left -= calls) < 0);
    return Math.round(2 ** ((bucket + 0.5) / bucketsPerOctave));
  }
}
