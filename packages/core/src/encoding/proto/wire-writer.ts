const halves = new Uint32Array(2);
const whole = new BigInt64Array(halves.buffer);
const shortText = 32;

/**
 * Writes a message in two passes: the first finds the length of everything, noting those that stand before
 * what they measure; the second writes into bytes of just that length.
 */
export class WireWriter {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #lengths: number[] = [];
  #next = 0;

  /** Begins the first pass. */
  measure(): void {
    this.#lengths.length = 0;
    this.#next = 0;
  }

  /** Keeps the place of a length that is known later. */
  holdLength(): number {
    return this.#lengths.push(0) - 1;
  }

  /** Notes a length; answers it with the bytes it takes itself. */
  noteLength(length: number, place: number = this.holdLength()): number {
    this.#lengths[place] = length;
    return length + varintSize(length);
  }

  /** Begins the second pass. */
  begin(bytes: Buffer, at: number): void {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Ends both passes; nothing written is held on to. */
  release(): void {
    this.#bytes = none;
  }

  /** Writes the next of the noted lengths and answers it. */
  length(): number {
    const length = this.#lengths[this.#next++] ?? 0;
    this.varint(length);
    return length;
  }

  /** Writes an unsigned number of up to 32 bits. */
  varint(value: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let rest = value;
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at] = rest;
    this.#at = at + 1;
  }

  /** Writes an integer of 64 bits. */
  varint64(value: bigint): void {
    whole[0] = value;
    let low = halves[0] ?? 0;
    let high = halves[1] ?? 0;
    while (high > 0) {
      this.#bytes[this.#at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.varint(low);
  }

  fixed32(value: number): void {
    this.#at = this.#bytes.writeInt32LE(value | 0, this.#at);
  }

  fixed64(value: bigint): void {
    whole[0] = value;
    this.fixed32(halves[0] ?? 0);
    this.fixed32(halves[1] ?? 0);
  }

  float(value: number): void {
    this.#at = this.#bytes.writeFloatLE(value, this.#at);
  }

  double(value: number): void {
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  raw(value: Uint8Array): void {
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** Writes text whose length in UTF-8 is known. */
  text(value: string, length: number): void {
    if (length <= shortText && length === value.length) this.#ascii(value);
    else this.#at += this.#bytes.write(value, this.#at, length, "utf8");
  }

  #ascii(value: string): void {
    const bytes = this.#bytes;
    const at = this.#at;
    for (let index = 0; index < value.length; index++) bytes[at + index] = value.charCodeAt(index);
    this.#at = at + value.length;
  }
}

const none = Buffer.alloc(0);

/** Bytes of an unsigned number of up to 32 bits. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Bytes of an integer of 64 bits. */
export function varint64Size(value: bigint): number {
  whole[0] = value;
  const low = halves[0] ?? 0;
  const high = halves[1] ?? 0;
  if (high === 0) return varintSize(low);
  // The bits of the upper half beyond the 3 that fit into the fifth byte.
  return high < 8 ? 5 : 5 + Math.ceil((29 - Math.clz32(high)) / 7);
}

/** Bytes of a text in UTF-8. */
export function utf8Size(text: string): number {
  if (text.length > shortText) return Buffer.byteLength(text);
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return Buffer.byteLength(text);
  }
  return text.length;
}
