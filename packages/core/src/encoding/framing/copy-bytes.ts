/**
 * Copies bytes from an index on. Always a plain Uint8Array of its own: `slice` of a Buffer shares its
 * memory, and what is decoded from the copy may point into it.
 */
export function copyBytes(bytes: Uint8Array, from: number): Uint8Array {
  const copy = new Uint8Array(bytes.length - from);
  copy.set(from === 0 ? bytes : bytes.subarray(from));
  return copy;
}
