import fc from "fast-check";
import { expect, test } from "vitest";
import { KratosError } from "../../errors/index.ts";
import { type MultipartLimits, readMultipart } from "../index.ts";

const contentType = "multipart/form-data; boundary=BB";

/** A body of lines, cut into pieces of `size` bytes. */
async function* body(text: string | Buffer, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Seen {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string;
  readonly isFile: boolean;
  readonly text: string;
}

async function partsOf(
  chunks: AsyncIterable<Uint8Array>,
  limits: MultipartLimits = {},
  type: string = contentType,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const { data, ...head } of readMultipart(chunks, { contentType: type, limits })) {
    const pieces: Uint8Array[] = [];
    for await (const piece of data) pieces.push(piece);
    seen.push({ ...head, text: Buffer.concat(pieces).toString("latin1") });
  }
  return seen;
}

function part(name: string, text: string, more = ""): string {
  return `--BB\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${text}\r\n`;
}

async function failureOf(promise: Promise<unknown>): Promise<KratosError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof KratosError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

test("readMultipart() tells texts and files apart, whatever pieces the body comes in", async () => {
  const text = `preamble\r\n${part("a", "1\r\n2")}${part("é", "", '; filename="x.bin"\r\nContent-Type: image/png')}${part("j", "{}", "\r\ncontent-type: application/json")}--BB--\r\nepilogue`;
  for (const size of [1, 2, 3, 5, 8, 13, 1000]) {
    expect(await partsOf(body(text, size))).toEqual([
      { name: "a", filename: undefined, contentType: "text/plain", isFile: false, text: "1\r\n2" },
      { name: "é", filename: "x.bin", contentType: "image/png", isFile: true, text: "" },
      { name: "j", filename: undefined, contentType: "application/json", isFile: true, text: "{}" },
    ]);
  }
});

test("readMultipart() leaves folders out of file names, and reads filename*", async () => {
  const text = `${part("a", "", '; filename="C:\\\\dir\\\\..\\\\evil.txt"')}${part("b", "", `; filename="x"; filename*=UTF-8''na%C3%AFve%2F%E2%82%AC.txt`)}${part("c", "", '; filename="say \\"hi\\".txt"')}--BB--`;
  expect((await partsOf(body(text))).map(({ filename }) => filename)).toEqual([
    "evil.txt",
    "€.txt",
    'say "hi".txt',
  ]);
});

test.each(["..", ".", "/x/..", "a\0/..\0"])(
  "readMultipart() gives no file the name %j that leads out of a folder",
  async (name) => {
    const text = `${part("a", "", `; filename="${name}"`)}--BB--`;
    expect(await partsOf(body(text))).toMatchObject([{ filename: "" }]);
  },
);

test("readMultipart() of an empty form has no parts", async () => {
  expect(await partsOf(body("--BB--\r\n"))).toEqual([]);
});

test("readMultipart() skips what a reader leaves of a part", async () => {
  const text = `${part("a", "x".repeat(500_000), '; filename="a"')}${part("b", "2")}--BB--`;
  const names: string[] = [];
  for await (const { name } of readMultipart(body(text, 10_000), { contentType })) names.push(name);
  expect(names).toEqual(["a", "b"]);
});

test("readMultipart() takes the body no faster than a part is read", async () => {
  let taken = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(part("a", "", '; filename="a"').slice(0, -2));
    for (;;) {
      taken += 1;
      yield Buffer.alloc(64 * 1024);
    }
  }
  for await (const { data } of readMultipart(endless(), { contentType })) {
    let read = 0;
    for await (const piece of data) {
      read += piece.length;
      if (read > 1024 * 1024) break;
    }
    break;
  }
  expect(taken).toBeLessThan(32);
});

test("readMultipart() leaving the loop ends the body", async () => {
  let ended = false;
  async function* parts(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.from(part("a", "1"));
    } finally {
      ended = true;
    }
  }
  for await (const _ of readMultipart(parts(), { contentType })) break;
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toBe(true);
});

test.each([
  ["multipart/form-data", "its Content-Type has no boundary: multipart/form-data"],
  [
    `multipart/form-data; boundary=${"b".repeat(71)}`,
    "its boundary has 71 of at most 70 characters",
  ],
])("readMultipart() refuses the Content-Type %s", async (type, message) => {
  const error = await failureOf(partsOf(body(part("a", "1")), {}, type));
  expect(error).toMatchObject({ code: 400, reason: "MULTIPART" });
  expect(error.message).toContain(message);
});

test.each([
  ["an empty body", ""],
  ["a body without a boundary", "hello"],
  ["a part that is cut", part("a", "12345").slice(0, -4)],
  ["a body that ends between parts", part("a", "12345")],
  ["a header that is cut", '--BB\r\nContent-Disposition: form-data; name="a"'],
])("readMultipart() refuses %s", async (_, text) => {
  for (const size of [1, 1000]) {
    const error = await failureOf(partsOf(body(text, size)));
    expect(error).toMatchObject({ code: 400, reason: "MULTIPART" });
    expect(error.message).toContain("ends before its last boundary");
  }
});

test.each([
  ["no name", "--BB\r\nContent-Disposition: form-data\r\n\r\nx\r\n--BB--", "a part has no name"],
  ["no disposition", "--BB\r\nX: y\r\n\r\nx\r\n--BB--", "no Content-Disposition of form-data"],
  ["no header", "--BB\r\n--BB--", "a part has no header"],
  [
    "a boundary in its header",
    `--BB\r\nContent-Dis\r\n${part("a", "1")}--BB--`,
    "a part has no header",
  ],
])("readMultipart() refuses a part with %s", async (_, text, message) => {
  for (const size of [1, 4, 1000]) {
    const error = await failureOf(partsOf(body(text, size)));
    expect(error.message).toContain(message);
    expect(error).toMatchObject({ code: 400, reason: "MULTIPART" });
  }
});

test("readMultipart() fails with what the body fails with, in the middle of a part", async () => {
  const left = new KratosError("left", { code: 499, reason: "CLIENT_CLOSED" });
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(part("a", "12345", '; filename="a"').slice(0, -2));
    throw left;
  }
  expect(await failureOf(partsOf(cut()))).toBe(left);
});

test.each<[string, MultipartLimits, string, string]>([
  ["parts", { maxParts: 2 }, part("a", "1").repeat(3), 'part "a" is more than 2 parts'],
  ["fields", { maxFields: 1 }, part("a", "1").repeat(2), 'field "a" is more than 1 fields'],
  [
    "files",
    { maxFiles: 1 },
    part("f", "1", '; filename="f"').repeat(2),
    'file "f" is more than 1 files',
  ],
  [
    "header bytes",
    { maxPartHeaderBytes: 100 },
    part("a", "1", `; filename="${"f".repeat(80)}"`),
    'the header of part "a" is more than 100 bytes',
  ],
  [
    "header bytes, by far",
    { maxPartHeaderBytes: 100 },
    part("a", "1", `; filename="${"f".repeat(8000)}"`),
    "the header of part",
  ],
])("readMultipart() limits %s", async (_, limits, text, message) => {
  const error = await failureOf(partsOf(body(`${text}--BB--`), limits));
  expect(error).toMatchObject({ code: 413, reason: "MULTIPART_LIMIT" });
  expect(error.message).toContain(message);
});

test("readMultipart() refuses a limit that is none", async () => {
  await expect(partsOf(body(""), { maxParts: 0 })).rejects.toThrow(
    "Cannot limit multipart bodies as maxParts must be a whole number above 0: current value is 0",
  );
});

test("readMultipart() gives back any parts, in any pieces", async () => {
  const arbitrary = fc.array(
    fc.record({ name: fc.stringMatching(/^[a-z]{1,8}$/), data: fc.uint8Array({ maxLength: 300 }) }),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(arbitrary, fc.integer({ min: 1, max: 100 }), async (parts, size) => {
      const form = new FormData();
      for (const { name, data } of parts) form.append(name, new Blob([new Uint8Array(data)]), "f");
      const request = new Request("http://x", { method: "POST", body: form });
      const type = request.headers.get("content-type") ?? "";
      const bytes = Buffer.from(await request.arrayBuffer());
      const seen = await partsOf(body(bytes, size), {}, type);
      expect(seen.map(({ name, text }) => [name, text])).toEqual(
        parts.map(({ name, data }) => [name, Buffer.from(data).toString("latin1")]),
      );
    }),
    { numRuns: 100 },
  );
});

test("readMultipart() ends on any bytes", async () => {
  const alphabet = [
    "--BB",
    "\r\n",
    "\r\n\r\n",
    "--",
    'Content-Disposition: form-data; name="a"',
    "x",
    ":",
  ];
  const text = fc.array(fc.constantFrom(...alphabet), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 50 }), async (pieces, size) => {
      try {
        await partsOf(body(pieces.join(""), size));
      } catch (error) {
        expect(error).toMatchObject({ reason: "MULTIPART" });
      }
    }),
    { numRuns: 300 },
  );
});
