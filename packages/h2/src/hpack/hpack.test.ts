import { describe, expect, test } from "vitest";
import { errorCodes, H2Error } from "../index.ts";
import { HpackDecoder } from "./decoder.ts";
import { encodeHeaders } from "./encoder.ts";
import { decodeHuffman, encodeHuffman, huffmanSize } from "./huffman.ts";
import { rfc7541 } from "./testdata/rfc7541.ts";

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

function newDecoder(tableBytes = 4096, maxListBytes = 65_536): HpackDecoder {
  return new HpackDecoder({ tableBytes, maxListBytes });
}

function decode(decoder: HpackDecoder, hex: string): readonly string[] {
  const block = bytes(hex);
  return decoder.decode(block, 0, block.length).fields;
}

function failureOf(hex: string, decoder: HpackDecoder = newDecoder()): unknown {
  try {
    return decode(decoder, hex);
  } catch (error) {
    return error instanceof H2Error ? `${error.code} ${error.scope} ${error.section}` : error;
  }
}

const broken = (section: string): string =>
  `${errorCodes.compressionError} connection RFC 7541 section ${section}`;

describe("HpackDecoder and the examples of RFC 7541", () => {
  test.each(rfc7541)("HpackDecoder reads appendix $name", ({ blocks }) => {
    const decoder = newDecoder();
    for (const { hex, fields } of blocks) expect(decode(decoder, hex)).toEqual(fields);
  });
});

describe("HpackDecoder", () => {
  test("HpackDecoder drops the oldest entries of a full table", () => {
    const decoder = newDecoder();
    // A table of 64 bytes has room for one entry of 34.
    decode(decoder, "3f21 4001 6101 31 4001 6201 32");
    expect(decode(decoder, "be")).toEqual(["b", "2"]);
    expect(failureOf("bf", decoder)).toBe(broken("2.3.3"));
  });

  test("HpackDecoder empties its table for an entry that is larger than it", () => {
    const decoder = newDecoder();
    decode(decoder, "3f01 4001 6101 31");
    expect(failureOf("be", decoder)).toBe(broken("2.3.3"));
  });

  test("HpackDecoder empties its table at a size of zero and fills it again at a larger one", () => {
    const decoder = newDecoder();
    decode(decoder, "4001 6101 31");
    decode(decoder, "20 3fe11f");
    expect(failureOf("be", decoder)).toBe(broken("2.3.3"));
    const again = newDecoder();
    decode(again, "20 3fe11f 4001 6101 31");
    expect(decode(again, "be")).toEqual(["a", "1"]);
  });

  test("HpackDecoder refuses a table size above the one offered, once the offer is known", () => {
    expect(failureOf("3fe21f")).toBe(broken("4.2"));
    const small = newDecoder(100);
    expect(failureOf("3fe11f", small)).toEqual([]);
    small.limitTable(100);
    expect(failureOf("3fe11f", small)).toBe(broken("4.2"));
    expect(failureOf("3f45", small)).toEqual([]);
  });

  test("HpackDecoder goes by the protocol's table until a larger one is used", () => {
    const decoder = newDecoder(65_536);
    // 25 entries of 160 bytes and two of 34 fill 4096 but for 28.
    for (let entry = 0; entry < 25; entry += 1) decode(decoder, `4001 61 7f00 ${"62".repeat(127)}`);
    decode(decoder, "4001 6101 31 4001 6101 32");
    expect(decode(decoder, "d8")).toEqual(["a", "b".repeat(127)]);
    decode(decoder, "4001 6101 33");
    expect(decode(decoder, "be d8")).toEqual(["a", "3", "a", "b".repeat(127)]);
    expect(failureOf("d9", decoder)).toBe(broken("2.3.3"));
    expect(failureOf("3fe1ff03", decoder)).toEqual([]);
  });

  test.each([
    ["an index of zero", "80", "2.3.3"],
    ["an index behind the tables", "be", "2.3.3"],
    ["a name index behind the tables", "7f00 0131", "2.3.3"],
    ["a size update behind a field", "82 20", "4.2"],
    ["a block that ends in an integer", "ff", "5.1"],
    ["a block that ends before a name", "40", "5.1"],
    ["a block that ends before a value", "4001 61", "5.1"],
    ["a string that is longer than the block", "4001 6102 31", "5.2"],
    ["a string of almost 2^28 bytes", "4001 61 7f 80ff ff7f", "5.2"],
    ["an integer of more than 28 bits", "ff 8080 8080 01", "5.1"],
    ["an integer of endless zeros", `ff ${"80".repeat(40)}`, "5.1"],
    ["a Huffman string with EOS", "4001 6184 ffff ffff", "5.2"],
    ["a Huffman string with a padding of eight bits", "4001 6182 1fff", "5.2"],
    ["a Huffman string with zeros as padding", "4001 6181 18", "5.2"],
  ])("HpackDecoder ends the connection for %s", (_name, hex, section) => {
    expect(failureOf(hex)).toBe(broken(section));
  });

  test("HpackDecoder cuts a list above the limit, tells its size, and keeps its table right", () => {
    const decoder = newDecoder(4096, 100);
    const block = bytes("4001 6101 31 4001 6201 32 4001 6301 33");
    const { fields, listBytes } = decoder.decode(block, 0, block.length);
    expect({ fields, listBytes }).toEqual({ fields: ["a", "1", "b", "2"], listBytes: 102 });
    expect(decode(decoder, "be bf")).toEqual(["c", "3", "b", "2"]);
  });

  test("HpackDecoder keeps no more than the limit of a bomb", () => {
    const decoder = newDecoder(4096, 8192);
    const entry = bytes(`4001 61 7f e11c ${"62".repeat(3808)}`);
    decoder.decode(entry, 0, entry.length);
    const bomb = Buffer.alloc(16_384, 0xbe);
    const block = decoder.decode(bomb, 0, bomb.length);
    expect(block.fields).toHaveLength(4);
    expect(block.listBytes).toBe(16_384 * 3841);
  });

  test("HpackDecoder hands out the same block again for the same bytes", () => {
    const decoder = newDecoder();
    const block = bytes("8286 0001 6101 31");
    const first = decoder.decode(block, 0, block.length);
    expect(decoder.decode(Buffer.from(block), 0, block.length)).toBe(first);
    // Even after the table has changed: it reads nothing from it.
    decode(decoder, "4001 6201 32");
    expect(decoder.decode(block, 0, block.length)).toBe(first);
  });

  test("HpackDecoder hands out no block again that reads a table which has changed", () => {
    const decoder = newDecoder();
    decode(decoder, "4001 6101 31");
    const block = bytes("be");
    const first = decoder.decode(block, 0, 1);
    expect(decoder.decode(block, 0, 1)).toBe(first);
    decode(decoder, "4001 6201 32");
    expect(decoder.decode(block, 0, 1).fields).toEqual(["b", "2"]);
    expect(decode(decoder, "bf")).toEqual(["a", "1"]);
  });

  test("HpackDecoder adds to its table each time a block that does so repeats", () => {
    const decoder = newDecoder();
    decode(decoder, "4001 6101 31");
    decode(decoder, "4001 6101 31");
    expect(decode(decoder, "be bf")).toEqual(["a", "1", "a", "1"]);
    expect(failureOf("c0", decoder)).toBe(broken("2.3.3"));
  });

  test("HpackDecoder is right for more different blocks than it remembers", () => {
    const decoder = newDecoder();
    for (let round = 0; round < 2; round += 1) {
      for (let value = 0; value < 400; value += 1) {
        const hex = Buffer.from(String(value).padStart(3, "0")).toString("hex");
        expect(decode(decoder, `0001 6103 ${hex}`)).toEqual(["a", String(value).padStart(3, "0")]);
      }
    }
  });

  test("HpackDecoder freezes what it hands out", () => {
    expect(Object.isFrozen(decode(newDecoder(), "82"))).toBe(true);
  });
});

describe("Huffman", () => {
  const everyByte = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));

  test("encodeHuffman() and decodeHuffman() are each other's inverse for every byte", () => {
    for (const text of [
      ...everyByte.split(""),
      everyByte,
      everyByte.split("").toReversed().join(""),
    ]) {
      const out = Buffer.alloc(2000);
      const end = encodeHuffman(text, out, 3);
      expect(end - 3).toBe(huffmanSize(text));
      expect(decodeHuffman(out, 3, end)).toBe(text);
    }
  });

  test("decodeHuffman() answers undefined for every string with a whole byte of padding", () => {
    expect(decodeHuffman(Buffer.from([0xff]), 0, 1)).toBeUndefined();
    expect(decodeHuffman(Buffer.from([0x1f]), 0, 1)).toBe("a");
    expect(decodeHuffman(Buffer.alloc(0), 0, 0)).toBe("");
  });
});

describe("encodeHeaders()", () => {
  test("encodeHeaders() makes blocks that change no table and decode to the same fields", () => {
    const fields = [
      ":status",
      "200",
      "content-type",
      "application/grpc",
      "x-long",
      "a".repeat(300),
      "x-raw",
      "\u00e9".repeat(70),
      "x-empty",
      "",
      ":method",
      "PUT",
    ];
    const { bytes: block, fields: kept } = encodeHeaders(fields);
    expect(kept).toEqual(fields);
    const decoder = newDecoder();
    expect(decoder.decode(Buffer.from(block), 0, block.length).fields).toEqual(fields);
    expect(failureOf("be", decoder)).toBe(broken("2.3.3"));
  });

  test("encodeHeaders() takes one byte for what the static table has whole", () => {
    expect(
      encodeHeaders([":status", "200", ":method", "POST", "accept-encoding", "gzip, deflate"])
        .bytes,
    ).toEqual(bytes("88 83 90"));
  });
});
