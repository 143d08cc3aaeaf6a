import { errorCodes } from "../error-codes.ts";
import { H2Error } from "../h2-error.ts";
import { Block } from "./block.ts";
import { BlockCache } from "./block-cache.ts";
import { DynamicTable, entryOverhead } from "./dynamic-table.ts";
import { decodeHuffman } from "./huffman.ts";
import { staticEntries } from "./static-table.ts";

/** SETTINGS_HEADER_TABLE_SIZE until settings say otherwise, RFC 9113 section 6.5.2. */
const protocolTableBytes = 4096;
/** Longer lists are rare, and not kept for when their block comes again. */
const keptListBytes = 8192;

export interface DecoderOptions {
  /** SETTINGS_HEADER_TABLE_SIZE as it was offered to the peer. */
  readonly tableBytes: number;
  /** A longer list is read to its end, for the table's sake, but not kept. */
  readonly maxListBytes: number;
}

/** Decodes the header blocks of one direction of a connection, RFC 7541. */
export class HpackDecoder {
  readonly #options: DecoderOptions;
  readonly #table: DynamicTable;
  readonly #cache = new BlockCache();
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  #fields: string[] = [];
  #listBytes = 0;
  #readTable = false;
  #maxTableBytes: number;

  constructor(options: DecoderOptions) {
    this.#options = options;
    // Until the settings are read, the peer goes by the size it knows: RFC 7541 section 4.2.
    this.#maxTableBytes = Math.max(protocolTableBytes, options.tableBytes);
    this.#table = new DynamicTable(this.#maxTableBytes, protocolTableBytes);
  }

  /**
   * Decodes a whole block. Its list may be longer than the limit: `listBytes` tells, the fields are cut.
   * @throws {H2Error} COMPRESSION_ERROR, for the connection, if the block breaks RFC 7541.
   */
  decode(bytes: Buffer, start: number, end: number): Block {
    const before = this.#table.version;
    const range = { start, end, version: before };
    const known = this.#cache.find(bytes, range);
    if (known !== undefined) return known;
    this.#begin(bytes, start, end);
    this.#readSizeUpdates();
    while (this.#at < end) this.#readField();
    const block = new Block(this.#fields, this.#listBytes);
    this.#fields = [];
    // A list of many references is longer than its bytes tell: what is kept must be bounded, too.
    if (this.#table.version === before && this.#listBytes <= keptListBytes) {
      this.#cache.keep(bytes, { start, end, version: this.#readTable ? before : -1 }, block);
    }
    return block;
  }

  #begin(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#fields = [];
    this.#listBytes = 0;
    this.#readTable = false;
  }

  /**
   * The peer has read the settings: sizes above the one offered are a breach from now on, and a table
   * that was larger must be made smaller by the next block.
   */
  limitTable(bytes: number): void {
    this.#maxTableBytes = bytes;
  }

  /** Only in front of the first field, and never above what was offered: RFC 7541 section 4.2. */
  #readSizeUpdates(): void {
    while (this.#at < this.#end && ((this.#bytes[this.#at] ?? 0) & 0xe0) === 0x20) {
      const size = this.#readInteger(5);
      if (size > this.#maxTableBytes) throw broken("a table size above the one offered", "4.2");
      this.#table.resize(size);
    }
    if (this.#table.maxBytes > this.#maxTableBytes)
      throw broken("no update to a table size that was made smaller", "4.2");
  }

  #readField(): void {
    const first = this.#bytes[this.#at] ?? 0;
    if ((first & 0x80) !== 0) this.#readIndexed();
    else if ((first & 0x40) !== 0) this.#readLiteral(6, true);
    else if ((first & 0x20) !== 0) throw broken("a table size update after a field", "4.2");
    else this.#readLiteral(4, false);
  }

  #readIndexed(): void {
    const index = this.#readInteger(7);
    const name = this.#nameAt(index);
    this.#push(name, this.#table.value(index) ?? "");
  }

  #readLiteral(prefixBits: number, indexed: boolean): void {
    const index = this.#readInteger(prefixBits);
    const name = index === 0 ? this.#readString() : this.#nameAt(index);
    const value = this.#readString();
    if (indexed) this.#table.add(name, value);
    this.#push(name, value);
  }

  #nameAt(index: number): string {
    const name = index === 0 ? undefined : this.#table.name(index);
    if (name === undefined) throw broken(`index ${index} of no entry`, "2.3.3");
    if (index > staticEntries) this.#readTable = true;
    return name;
  }

  #push(name: string, value: string): void {
    this.#listBytes += name.length + value.length + entryOverhead;
    if (this.#listBytes <= this.#options.maxListBytes) this.#fields.push(name, value);
  }

  #readInteger(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = (this.#next() ?? 0) & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#next();
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return value;
    }
    // 28 bits are more than any length or index here may be.
    throw broken("an integer that is too long", "5.1");
  }

  #readString(): string {
    const huffman = ((this.#bytes[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#readInteger(7);
    const start = this.#at;
    const end = start + length;
    if (end > this.#end) throw broken("a string beyond the end of the block", "5.2");
    this.#at = end;
    if (!huffman) return this.#bytes.toString("latin1", start, end);
    const text = decodeHuffman(this.#bytes, start, end);
    if (text === undefined) throw broken("an invalid Huffman code", "5.2");
    return text;
  }

  #next(): number {
    if (this.#at >= this.#end) throw broken("a block that ends too soon", "5.1");
    const byte = this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }
}

function broken(what: string, section: string): H2Error {
  return new H2Error(`Cannot decode a header block as it has ${what}`, {
    code: errorCodes.compressionError,
    scope: "connection",
    section: `RFC 7541 section ${section}`,
  });
}
