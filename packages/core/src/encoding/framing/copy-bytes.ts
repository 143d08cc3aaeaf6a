// A buffer of its own is dear for a short message: they share slabs. What keeps one byte of a message
// keeps the whole slab, so they are small.
const slabBytes = 32_768;
const longestShared = 4096;
let slab = new ArrayBuffer(0);
let used = 0;

// Memory that is written whole at once need not be zeroed, where there is a way to have it so.
const allocate =
  typeof Buffer === "undefined"
    ? (length: number): ArrayBuffer => new ArrayBuffer(length)
    : (length: number): ArrayBuffer => Buffer.allocUnsafeSlow(length).buffer;

/**
 * Copies bytes from an index on. Always a plain Uint8Array: `slice` of a Buffer shares its memory, and
 * what is decoded from the copy may point into it.
 */
export function copyBytes(bytes: Uint8Array, from: number): Uint8Array {
  const copy = bytesOf(bytes.length - from);
  copy.set(from === 0 ? bytes : bytes.subarray(from));
  return copy;
}

/** Memory for bytes that are about to be written. */
export function bytesOf(length: number): Uint8Array {
  if (length > longestShared) return new Uint8Array(allocate(length));
  if (used + length > slab.byteLength) {
    slab = allocate(slabBytes);
    used = 0;
  }
  const bytes = new Uint8Array(slab, used, length);
  used += length;
  return bytes;
}
