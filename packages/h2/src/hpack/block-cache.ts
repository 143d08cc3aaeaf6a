import type { Block } from "./block.ts";

/** Blocks longer than this are rare and cost more to compare than to decode. */
const maxBlockBytes = 1024;
const maxEntries = 128;

interface Entry {
  readonly bytes: Buffer;
  readonly block: Block;
  /** The version of the table it was read from; -1 when it read nothing from it. */
  readonly version: number;
}

/**
 * Remembers decoded blocks by their bytes. A block that does not touch the dynamic table is a pure
 * function of its bytes; one that only reads it holds while the table is unchanged.
 *
 * One entry a hash, compared byte by byte: a peer that provokes collisions only evicts its own entries.
 */
export class BlockCache {
  readonly #entries: Map<number, Entry> = new Map();

  find(bytes: Buffer, range: { start: number; end: number; version: number }): Block | undefined {
    const { start, end, version } = range;
    if (end - start > maxBlockBytes) return undefined;
    const entry = this.#entries.get(hashOf(bytes, start, end));
    if (entry === undefined || entry.bytes.length !== end - start) return undefined;
    if (entry.version !== -1 && entry.version !== version) return undefined;
    return entry.bytes.compare(bytes, start, end) === 0 ? entry.block : undefined;
  }

  keep(bytes: Buffer, range: { start: number; end: number; version: number }, block: Block): void {
    const { start, end, version } = range;
    if (end - start > maxBlockBytes) return;
    if (this.#entries.size >= maxEntries) this.#entries.clear();
    const copy = Buffer.from(bytes.subarray(start, end));
    this.#entries.set(hashOf(bytes, start, end), { bytes: copy, block, version });
  }
}

/** FNV-1a, 32 bit. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash;
}
