import fc from "fast-check";
import { expect, test } from "vitest";
import { base64Parts } from "./base64-parts.ts";

async function* cut(text: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield Buffer.from(text.slice(at, at + size));
    at += size;
  }
  yield Buffer.from(text.slice(at));
}

async function decoded(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const part of base64Parts(parts)) all.push(part);
  return Buffer.concat(all);
}

test("base64Parts decodes whatever was encoded, however it was cut before and after", async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 5 });
  const sizes = fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(pieces, sizes, async (parts, at) => {
      const text = parts.map((part) => Buffer.from(part).toString("base64")).join("");
      expect(await decoded(cut(text, at))).toEqual(Buffer.concat(parts));
    }),
  );
});

test("base64Parts takes an end without its padding", async () => {
  expect((await decoded(cut("YWJj", [2]))).toString()).toBe("abc");
  expect((await decoded(cut("YWI", [1]))).toString()).toBe("ab");
});

test.each(["A", "YQ=a", "YQ===", "=", "====", "Y Q=", "YW-_", "\u0000\u0000\u0000\u0000"])(
  "base64Parts refuses %j",
  async (text) => {
    await expect(decoded(cut(text, []))).rejects.toMatchObject({ code: 400 });
  },
);
