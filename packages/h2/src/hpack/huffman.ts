import { huffmanLengths } from "./huffman-lengths.ts";

/** Symbol 256: never in a string, only its leading ones as padding. */
const endOfString = 256;

/** The code of each symbol, left of nothing: `codes[symbol]` in its lowest `lengths[symbol]` bits. */
function makeCodes(): Uint32Array {
  const codes = new Uint32Array(257);
  let code = 0;
  let length = 0;
  const ordered = huffmanLengths.map((bits, symbol) => ({ bits, symbol }));
  ordered.sort((a, b) => a.bits - b.bits || a.symbol - b.symbol);
  for (const { bits, symbol } of ordered) {
    // RFC 7541's longest code is 30 bits: multiplication keeps what a shift would turn negative.
    code *= 2 ** (bits - length);
    length = bits;
    codes[symbol] = code;
    code += 1;
  }
  return codes;
}

/**
 * A machine that eats four bits at a time. `next[state * 16 + nibble]` holds the next state, and in
 * its higher bits the symbol that was completed plus one; no code is shorter than five bits, so a
 * nibble completes one symbol at most. 0xffff is no code.
 */
interface Machine {
  readonly next: Uint32Array;
  /** Whether a string may end in this state: at most seven bits of padding, all ones. */
  readonly accepts: Uint8Array;
}

const invalid = 0xffff_ffff;

function makeMachine(codes: Uint32Array): Machine {
  const children = makeTree(codes);
  const states = children.length / 2;
  const next = new Uint32Array(states * 16);
  for (let state = 0; state < states; state += 1) {
    for (let nibble = 0; nibble < 16; nibble += 1)
      next[state * 16 + nibble] = step(children, state, nibble);
  }
  const accepts = new Uint8Array(states);
  let state = 0;
  for (let depth = 0; depth < 8; depth += 1) {
    accepts[state] = 1;
    state = children[state * 2 + 1] ?? 0;
  }
  return { next, accepts };
}

/** Two children a node: a node's number, or a leaf as ~symbol. */
function makeTree(codes: Uint32Array): number[] {
  const children = [0, 0];
  for (let symbol = 0; symbol <= endOfString; symbol += 1) {
    const bits = huffmanLengths[symbol] ?? 0;
    const code = codes[symbol] ?? 0;
    let node = 0;
    for (let bit = bits - 1; bit > 0; bit -= 1) {
      const at = node * 2 + ((code >>> bit) & 1);
      if ((children[at] ?? 0) === 0) {
        children[at] = children.length / 2;
        children.push(0, 0);
      }
      node = children[at] ?? 0;
    }
    children[node * 2 + (code & 1)] = ~symbol;
  }
  return children;
}

function step(children: readonly number[], from: number, nibble: number): number {
  let node = from;
  let completed = 0;
  for (let bit = 3; bit >= 0; bit -= 1) {
    const child = children[node * 2 + ((nibble >>> bit) & 1)] ?? 0;
    if (child >= 0) {
      node = child;
      continue;
    }
    if (~child === endOfString) return invalid;
    completed = ~child + 1;
    node = 0;
  }
  return node | (completed << 16);
}

let codes: Uint32Array | undefined;
let machine: Machine | undefined;

function theCodes(): Uint32Array {
  codes ??= makeCodes();
  return codes;
}

function theMachine(): Machine {
  machine ??= makeMachine(theCodes());
  return machine;
}

let scratch = Buffer.allocUnsafeSlow(4096);

/** Decodes bytes from `start` to `end`; undefined when they are no Huffman string. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string | undefined {
  const { next, accepts } = theMachine();
  // Five bits a symbol at the least.
  const longest = Math.ceil(((end - start) * 8) / 5);
  if (longest > scratch.length) scratch = Buffer.allocUnsafeSlow(longest * 2);
  let state = 0;
  let length = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    for (let shift = 4; shift >= 0; shift -= 4) {
      const move = next[state * 16 + ((byte >>> shift) & 15)] ?? invalid;
      if (move === invalid) return undefined;
      const completed = move >>> 16;
      if (completed !== 0) {
        scratch[length] = completed - 1;
        length += 1;
      }
      state = move & 0xffff;
    }
  }
  return accepts[state] === 1 ? scratch.toString("latin1", 0, length) : undefined;
}

/** The length in bytes of a latin1 text in Huffman code. */
export function huffmanSize(text: string): number {
  let bits = 0;
  for (let at = 0; at < text.length; at += 1)
    bits += huffmanLengths[text.charCodeAt(at) & 0xff] ?? 0;
  return Math.ceil(bits / 8);
}

/** Writes a latin1 text in Huffman code at `offset` and answers the offset behind it. */
export function encodeHuffman(text: string, out: Uint8Array, offset: number): number {
  const table = theCodes();
  let at = offset;
  // What is not written yet: `pending` bits of `bits`, below 8 between symbols; a code adds 30 at most.
  let bits = 0;
  let pending = 0;
  for (let index = 0; index < text.length; index += 1) {
    const symbol = text.charCodeAt(index) & 0xff;
    const length = huffmanLengths[symbol] ?? 0;
    bits = bits * 2 ** length + (table[symbol] ?? 0);
    pending += length;
    while (pending >= 8) {
      pending -= 8;
      const scale = 2 ** pending;
      out[at] = Math.floor(bits / scale);
      bits %= scale;
      at += 1;
    }
  }
  if (pending > 0) {
    out[at] = (bits << (8 - pending)) | (0xff >>> pending);
    at += 1;
  }
  return at;
}
