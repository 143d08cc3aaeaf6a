import { staticEntries, staticTable } from "./static-table.ts";

/** What an entry costs beyond its texts, RFC 7541 section 4.1. */
export const entryOverhead = 32;

/** The dynamic table of a decoder: a ring, newest first by index. */
export class DynamicTable {
  #names: string[];
  #values: string[];
  /** Where the newest entry stands. */
  #head = 0;
  #count = 0;
  #bytes = 0;
  #maxBytes: number;

  /** Changes with every entry that comes or goes: what was read from the table holds for one version. */
  version = 0;

  /** Has room for `capacityBytes` if it is resized to it. */
  constructor(capacityBytes: number, maxBytes: number = capacityBytes) {
    this.#maxBytes = maxBytes;
    // The smallest entry is its overhead alone: there are never more than this.
    const slots = Math.max(1, Math.floor(capacityBytes / entryOverhead));
    this.#names = Array.from({ length: slots }, () => "");
    this.#values = Array.from({ length: slots }, () => "");
  }

  /** What the entries may cost together now. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** The name at a header index, static or dynamic; undefined when there is none. */
  name(index: number): string | undefined {
    if (index <= staticEntries) return staticTable[(index - 1) * 2];
    const slot = this.#slot(index);
    return slot < 0 ? undefined : this.#names[slot];
  }

  /** The value at a header index. */
  value(index: number): string | undefined {
    if (index <= staticEntries) return staticTable[(index - 1) * 2 + 1];
    const slot = this.#slot(index);
    return slot < 0 ? undefined : this.#values[slot];
  }

  /** Puts an entry in front, dropping the oldest until it fits; one too large empties the table. */
  add(name: string, value: string): void {
    const size = name.length + value.length + entryOverhead;
    this.#shrink(this.#maxBytes - size);
    this.version += 1;
    if (size > this.#maxBytes) return;
    this.#head = (this.#head + this.#names.length - 1) % this.#names.length;
    this.#names[this.#head] = name;
    this.#values[this.#head] = value;
    this.#count += 1;
    this.#bytes += size;
  }

  /** Limits the table to fewer bytes than it was made for, or to these again. */
  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#shrink(maxBytes);
    this.version += 1;
  }

  #shrink(maxBytes: number): void {
    while (this.#count > 0 && this.#bytes > maxBytes) {
      const oldest = (this.#head + this.#count - 1) % this.#names.length;
      this.#bytes -=
        (this.#names[oldest]?.length ?? 0) + (this.#values[oldest]?.length ?? 0) + entryOverhead;
      this.#count -= 1;
      this.#names[oldest] = "";
      this.#values[oldest] = "";
    }
  }

  #slot(index: number): number {
    const at = index - staticEntries - 1;
    return at < this.#count ? (this.#head + at) % this.#names.length : -1;
  }
}
