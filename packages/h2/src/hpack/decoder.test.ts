import { expect, test } from "vitest";
import { HpackDecoder } from "./decoder.ts";

const decode = (decoder: HpackDecoder, ...bytes: readonly number[]): readonly string[] =>
  decoder.decode(Buffer.from(bytes), 0, bytes.length).fields;

/** `a: b`, added to the table. */
const added = [0x40, 1, 0x61, 1, 0x62];

test("HpackDecoder refuses a block without the update that a smaller table needs", () => {
  const decoder = new HpackDecoder({ tableBytes: 100, maxListBytes: 1000 });
  expect(decode(decoder, ...added)).toEqual(["a", "b"]);
  decoder.limitTable(100);
  expect(() => decode(decoder, 0x82)).toThrow("no update to a table size that was made smaller");
  expect(decode(decoder, 0x3f, 69, 0x82, 0xbe)).toEqual([":method", "GET", "a", "b"]);
  expect(decode(decoder, 0x82)).toEqual([":method", "GET"]);
});

test("HpackDecoder goes on without an update when the table offered is not smaller", () => {
  const decoder = new HpackDecoder({ tableBytes: 8192, maxListBytes: 1000 });
  decode(decoder, ...added);
  decoder.limitTable(8192);
  expect(decode(decoder, 0xbe)).toEqual(["a", "b"]);
});

test("HpackDecoder does not keep a long list that stands in few bytes", () => {
  const decoder = new HpackDecoder({ tableBytes: 4096, maxListBytes: 65_536 });
  decoder.decode(
    Buffer.concat([Buffer.from([0x40, 1, 0x61, 0x7f, 0xa1, 0x0f]), Buffer.alloc(2080, 0x62)]),
    0,
    2086,
  );
  const long = Buffer.alloc(20, 0xbe);
  const first = decoder.decode(long, 0, 20);
  expect(first.listBytes).toBe(20 * (1 + 2080 + 32));
  expect(decoder.decode(long, 0, 20)).not.toBe(first);
  expect(decoder.decode(long, 0, 20).fields).toEqual(first.fields);
  const short = Buffer.alloc(3, 0xbe);
  expect(decoder.decode(short, 0, 3)).toBe(decoder.decode(short, 0, 3));
});
