import { setOwn } from "../field-access.ts";
import { unusual } from "../unusual.ts";

const halves = new Uint32Array(2);
const signed = new BigInt64Array(halves.buffer);
const unsigned = new BigUint64Array(halves.buffer);
const floats = new Float32Array(halves.buffer);
const doubles = new Float64Array(halves.buffer);
const shortText = 32;

/** A field that the schema does not have, as the library keeps it. */
interface UnknownField {
  readonly no: number;
  readonly wireType: number;
  readonly data: Uint8Array;
}

/** Reads the wire form value by value from where it stands. What goes beyond the bytes is `unusual`. */
export class WireReader {
  #bytes: Buffer = none;
  #whole: Uint8Array = none;
  #at = 0;
  #keepUnknown = true;

  /** Begins to read a message; the values read share its bytes. */
  begin(bytes: Uint8Array, keepUnknown: boolean): void {
    this.#bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#whole = bytes;
    this.#at = 0;
    this.#keepUnknown = keepUnknown;
  }

  /** Ends reading; nothing is held on to. */
  release(): void {
    this.#bytes = none;
    this.#whole = none;
  }

  /** Whether there is more before `end`. */
  before(end: number): boolean {
    if (this.#at < end) return true;
    // A value that reaches beyond its message.
    if (this.#at > end) throw unusual;
    return false;
  }

  /** Reads a length and answers where what it measures ends. */
  end(limit: number): number {
    const length = this.varint();
    const end = this.#at + length;
    if (end > limit) throw unusual;
    return end;
  }

  /** Reads an unsigned number of up to 32 bits in at most 5 bytes. */
  varint(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let byte = bytes[at++];
    if (byte === undefined) throw unusual;
    if (byte < 0x80) {
      this.#at = at;
      return byte;
    }
    let value = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = bytes[at++];
      if (byte === undefined) throw unusual;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (shift === 28 && byte > 0x0f) throw unusual;
        this.#at = at;
        return value >>> 0;
      }
    }
    throw unusual;
  }

  int32(): number {
    // A negative number is written with all its 64 bits.
    this.#varint64();
    return (halves[0] ?? 0) | 0;
  }

  uint32(): number {
    return this.varint();
  }

  sint32(): number {
    const value = this.varint();
    return (value >>> 1) ^ -(value & 1);
  }

  bool(): boolean {
    const byte = this.#bytes[this.#at];
    if (byte === undefined || byte > 0x7f) throw unusual;
    this.#at += 1;
    return byte !== 0;
  }

  int64(): bigint {
    this.#varint64();
    return signed[0] ?? 0n;
  }

  uint64(): bigint {
    this.#varint64();
    return unsigned[0] ?? 0n;
  }

  sint64(): bigint {
    this.#varint64();
    const value = unsigned[0] ?? 0n;
    return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
  }

  fixed32(): number {
    return this.#word();
  }

  sfixed32(): number {
    return this.#word() | 0;
  }

  fixed64(): bigint {
    this.#words();
    return unsigned[0] ?? 0n;
  }

  sfixed64(): bigint {
    this.#words();
    return signed[0] ?? 0n;
  }

  float(): number {
    halves[0] = this.#word();
    return floats[0] ?? 0;
  }

  double(): number {
    this.#words();
    return doubles[0] ?? 0;
  }

  bytes(limit: number): Uint8Array {
    const end = this.end(limit);
    const start = this.#at;
    this.#at = end;
    return this.#whole.subarray(start, end);
  }

  text(limit: number): string {
    const end = this.end(limit);
    const start = this.#at;
    this.#at = end;
    if (end - start <= shortText && this.#isAscii(start, end)) {
      return this.#bytes.toString("latin1", start, end);
    }
    const text = this.#bytes.toString("utf8", start, end);
    // Comes of what is no UTF-8, too.
    if (text.includes("\uFFFD")) throw unusual;
    return text;
  }

  /** Sets an entry of a map. */
  set(map: Record<string, unknown>, key: string, value: unknown): void {
    setOwn(map, key, value);
  }

  /** Passes over a field of this tag, and keeps it with its message; one that `known` has is of another wire type. */
  // ceiling: what the compiled code knows at this place
  unknown(
    message: { $unknown?: UnknownField[] },
    tag: number,
    place: { readonly limit: number; readonly known: ReadonlySet<number> },
  ): void {
    const no = tag >>> 3;
    const wireType = tag & 7;
    if (no === 0 || place.known.has(no)) throw unusual;
    const start = this.#at;
    this.#skip(wireType, place.limit);
    if (!this.#keepUnknown) return;
    const data = this.#whole.subarray(start, this.#at);
    (message.$unknown ??= []).push({ no, wireType, data });
  }

  fail(): never {
    throw unusual;
  }

  #skip(wireType: number, limit: number): void {
    if (wireType === 0) this.#varint64();
    else if (wireType === 1) this.#at += 8;
    else if (wireType === 2) this.#at = this.end(limit);
    else if (wireType === 5) this.#at += 4;
    else throw unusual;
    if (this.#at > limit) throw unusual;
  }

  #varint64(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw unusual;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        halves[0] = low;
        halves[1] = high;
        this.#at = at;
        return;
      }
    }
    throw unusual;
  }

  #word(): number {
    const bytes = this.#bytes;
    const at = this.#at;
    if (at + 4 > bytes.length) throw unusual;
    this.#at = at + 4;
    return bytes.readUInt32LE(at);
  }

  #words(): void {
    const low = this.#word();
    halves[1] = this.#word();
    halves[0] = low;
  }

  #isAscii(start: number, end: number): boolean {
    const bytes = this.#bytes;
    for (let at = start; at < end; at += 1) if ((bytes[at] ?? 0) > 0x7f) return false;
    return true;
  }
}

const none = Buffer.alloc(0);
