import type { EncodedHeaders } from "../contract.ts";
import { encodeHuffman, huffmanSize } from "./huffman.ts";
import { staticEntries, staticTable } from "./static-table.ts";

/** Entry numbers of the static table by "name" and by "name\0value"; the first entry of a name counts. */
function makeIndex(): ReadonlyMap<string, number> {
  const index = new Map<string, number>();
  for (let entry = staticEntries; entry >= 1; entry -= 1) {
    const name = staticTable[(entry - 1) * 2] ?? "";
    index.set(`${name}\0${staticTable[(entry - 1) * 2 + 1] ?? ""}`, entry);
    index.set(name, entry);
  }
  return index;
}

let index: ReadonlyMap<string, number> | undefined;

/** The most bytes that these headers can take. */
export function maxEncodedSize(fields: readonly string[]): number {
  let size = 0;
  // A literal: one byte, two lengths of up to five bytes each.
  for (let at = 0; at < fields.length; at += 1) size += (fields[at]?.length ?? 0) + 6;
  return size;
}

/**
 * Writes headers at `offset` and answers the offset behind them: references to the static table and
 * literals that no table keeps, so that the bytes never depend on the connection.
 */
export function writeHeaders(fields: readonly string[], out: Buffer, offset: number): number {
  index ??= makeIndex();
  let at = offset;
  for (let field = 0; field + 1 < fields.length; field += 2) {
    const name = fields[field] ?? "";
    const value = fields[field + 1] ?? "";
    const known = index.get(name) ?? 0;
    // Only pseudo-headers and a few others have values in the static table.
    const whole = known === 0 || known > 16 ? undefined : index.get(`${name}\0${value}`);
    if (whole !== undefined) {
      out[at] = 0x80 | whole;
      at += 1;
      continue;
    }
    at = writeInteger(known, 4, out, at);
    if (known === 0) at = writeText(name, out, at);
    at = writeText(value, out, at);
  }
  return at;
}

/** Encodes headers once, to be sent many times on any connection. */
export function encodeHeaders(fields: readonly string[]): EncodedHeaders {
  const out = Buffer.allocUnsafeSlow(maxEncodedSize(fields));
  const end = writeHeaders(fields, out, 0);
  return { bytes: Buffer.from(out.subarray(0, end)), fields: [...fields] };
}

/** RFC 7541 section 5.1; the bits in front of the prefix are zero. */
// ceiling: four plain parameters, as an object for each integer would be an allocation a field
function writeInteger(value: number, prefixBits: number, out: Buffer, offset: number): number {
  const mask = (1 << prefixBits) - 1;
  if (value < mask) {
    out[offset] = value;
    return offset + 1;
  }
  out[offset] = mask;
  let at = offset + 1;
  let rest = value - mask;
  for (; rest >= 0x80; at += 1, rest = Math.floor(rest / 0x80)) out[at] = (rest & 0x7f) | 0x80;
  out[at] = rest;
  return at + 1;
}

/** Texts from here on are worth the time of the Huffman code: they are sent over and over. */
const huffmanFrom = 64;

function writeText(text: string, out: Buffer, offset: number): number {
  if (text.length >= huffmanFrom) {
    const size = huffmanSize(text);
    if (size < text.length) {
      const at = writeInteger(size, 7, out, offset);
      out[offset] = (out[offset] ?? 0) | 0x80;
      return encodeHuffman(text, out, at);
    }
  }
  const at = writeInteger(text.length, 7, out, offset);
  return at + out.write(text, at, "latin1");
}
