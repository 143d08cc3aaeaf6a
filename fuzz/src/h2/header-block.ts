import { encodeHeaders } from "@kratosjs/h2";
import type { Random } from "../random.ts";

const get = [":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a"];
const post = [":method", "POST", ":scheme", "http", ":path", "/p", ":authority", "a"];

/** Fields that break a rule, or look as if they did. */
const oddFields: readonly (readonly string[])[] = [
  ["connection", "close"],
  ["te", "trailers"],
  ["te", "gzip"],
  ["transfer-encoding", "chunked"],
  ["content-length", "4"],
  ["content-length", "x"],
  ["Upper", "case"],
  ["", "nameless"],
  ["x y", "blank"],
  ["x", "line\nbreak"],
  ["x", "nul\0"],
  ["x", " padded "],
  [":path", "/again"],
  [":status", "200"],
  [":unknown", "1"],
  ["host", "b"],
  ["cookie", "a=b"],
  ["x-long", "y".repeat(300)],
  ["x", ""],
];

/** Targets that break a rule, or look as if they did: the place of a value in a request, and the value. */
const oddTargets: readonly (readonly [at: number, value: string])[] = [
  [1, "G T"],
  [1, ""],
  [3, "ht:tp"],
  [3, "x-scheme"],
  [5, "/a b"],
  [5, "/a#b"],
  [5, "/a\t"],
  [5, "/a\u007f"],
  [5, "/\u00e9?q={}|[]"],
  [5, "*"],
  [5, "a"],
  [5, ""],
  [7, "u@a"],
  [7, "a b"],
  [7, "a/b"],
  [7, "A:80"],
  [7, ""],
  [7, "[::1]:80"],
];

/** Bytes of a header block that no table of fields leads to. */
const oddBytes: readonly string[] = [
  "80", // index 0
  "be", // an index of the dynamic table
  "ff ff ff ff ff 0f", // an index without end
  "20", // table size 0
  "3f e1 1f", // table size 4096
  "3f e2 1f", // more than was offered
  "40 01 61 01 62", // a literal that is kept
  "00 81 ff 01 62", // Huffman padding of a whole byte
  "00 01 61 7f", // a length without its bytes
  "10 01 61 01 62", // never indexed
  "7f ff", // cut in the number
];

/** Makes header blocks, most of them right. */
export function requestBlock(
  random: Random,
  options: { readonly body: boolean; readonly odds: number },
): Buffer {
  const fields = [...(options.body ? post : get)];
  if (options.body && random.chance(0.3)) fields.push("content-length", "4");
  if (random.chance(0.3)) fields.push("x-plain", "z".repeat(random.below(90)));
  if (random.chance(options.odds / 2)) {
    const [at, value] = random.pick(oddTargets);
    fields[at] = value;
  }
  if (random.chance(options.odds))
    fields.splice(random.below(fields.length / 2 + 1) * 2, 0, ...random.pick(oddFields));
  if (random.chance(options.odds / 2)) fields.splice(random.below(fields.length / 2) * 2, 2);
  return withOddBytes(random, Buffer.from(encodeHeaders(fields).bytes), options.odds);
}

export function trailerBlock(random: Random, odds: number): Buffer {
  const fields = random.chance(odds) ? random.pick(oddFields) : ["x-end", "1"];
  return withOddBytes(random, Buffer.from(encodeHeaders(fields).bytes), odds);
}

function withOddBytes(random: Random, block: Buffer, odds: number): Buffer {
  if (!random.chance(odds)) return block;
  const odd = Buffer.from(random.pick(oddBytes).replaceAll(" ", ""), "hex");
  return Buffer.concat(random.chance(0.5) ? [odd, block] : [block, odd]);
}
