import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Config, createDecoder } from "./index.ts";
import { memorySource } from "./memory/index.ts";

describe("createDecoder() json", () => {
  it("takes what JSON.parse takes and makes the same of it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.json({ maxDepth: 5 }),
        fc.constantFrom("", " ", "\n\t"),
        async (json, blank) => {
          const text = `${blank}{"v":${json}${blank}}${blank}`;
          const expected = withoutForbidden(JSON.parse(text));
          expect(withoutForbidden(await decoded("json", text))).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("refuses what JSON.parse refuses", async () => {
    const broken = fc.tuple(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom("", '"', ",", "]", "\\", "-", "\u0001", "x"),
    );
    await fc.assert(
      fc.asyncProperty(broken, async ([json, at, mark]) => {
        const text = `{"v":${json}}`;
        const place = at % text.length;
        const changed = text.slice(0, place) + mark + text.slice(place + 1);
        expect(await isRefused(changed)).toBe(!isJsonMap(changed));
      }),
      { numRuns: 500 },
    );
  });

  it("keeps integers beyond 2^53 and refuses numbers beyond all", async () => {
    expect(
      await decoded(
        "json",
        '{"a":9007199254740993,"b":-9223372036854775808,"c":9007199254740991,"d":1e3}',
      ),
    ).toEqual({
      a: 9007199254740993n,
      b: -9223372036854775808n,
      c: 9007199254740991,
      d: 1000,
    });
    await expect(decoded("json", '{"a":1e999}')).rejects.toThrow("number out of range");
  });

  it("names the line, and nothing of the document", async () => {
    const error = await decoded("json", '{\n  "password": "hunter2"\n  "b": 1\n}').catch(
      (failure: unknown) => failure,
    );
    expect(error).toMatchObject({ line: 3 });
    expect(String(error)).toBe(
      `ConfigDecodeError: Cannot decode config "a.json" (format "json") line 3: ',' or '}' expected at column 3`,
    );
  });

  it("takes null, an empty text and a byte order mark", async () => {
    expect(await decoded("json", "null")).toEqual({});
    expect(await decoded("json", " \n")).toEqual({});
    expect(await decoded("json", '\ufeff{"a":1}')).toEqual({ a: 1 });
  });
});

describe("createDecoder() yaml", () => {
  it("reads scalars as Go's yaml.v3 does", async () => {
    const scalars: readonly (readonly [string, unknown])[] = [
      ["yes", "yes"],
      ["off", "off"],
      ["True", true],
      ["FALSE", false],
      ["~", null],
      ["0o17", 15],
      ["017", 15],
      ["089", 89],
      ["0x_ff", 255],
      ["0b1_0", 2],
      ["-0b10", -2],
      ["1_000", 1000],
      ["+12", 12],
      ["0", 0],
      ["_1", "_1"],
      ["1_0.5", 10.5],
      [".5", 0.5],
      ["1.", 1],
      ["1e3", 1000],
      [".inf", Number.POSITIVE_INFINITY],
      ["9223372036854775807", 9223372036854775807n],
      ["18446744073709551615", 18446744073709551615n],
      ["100000000000000000000", 1e20],
      ["2020-01-01", "2020-01-01"],
      ["2020-01-01T10:00:00Z", "2020-01-01T10:00:00Z"],
      ["'1'", "1"],
      ["1h30m", "1h30m"],
      ["127.0.0.1", "127.0.0.1"],
      ["!!binary aGVsbG8=", "hello"],
    ];
    for (const [text, expected] of scalars)
      expect([text, await decoded("yaml", `v: ${text}`)]).toEqual([text, { v: expected }]);
  });

  it("merges merge keys and makes texts of all keys", async () => {
    const text = "base: &base {a: 1, b: 1}\nmore:\n  <<: *base\n  b: 2\n1: x\ntrue: y\n0x10: z\n";
    expect(await decoded("yaml", text)).toEqual({
      base: { a: 1, b: 1 },
      more: { a: 1, b: 2 },
      "1": "x",
      true: "y",
      "16": "z",
    });
  });

  it("refuses lists and scalars at the top, keys that are maps, duplicate keys and several documents", async () => {
    for (const text of [
      "- a",
      "text",
      "? {a: 1}\n: b",
      "a: 1\na: 2",
      "a: 1\n---\nb: 2",
      "a: [",
      "a: *none",
    ]) {
      await expect(decoded("yaml", text), text).rejects.toThrow('"a.yaml" (format "yaml")');
    }
  });

  it("takes documents 100 levels deep and refuses deeper ones, however deep", async () => {
    for (const [open, close] of [
      ["[", "]"],
      ["{a: ", "}"],
      ["\n- ", ""],
      ["\na: ", ""],
    ] as const) {
      const nested = (depth: number): string => `v: ${block(open, depth)}1${close.repeat(depth)}`;
      await expect(decoded("yaml", nested(99)), open).resolves.toBeDefined();
      await expect(decoded("yaml", nested(101)), open).rejects.toThrow(/100 deep/);
      await expect(decoded("yaml", nested(2000)), open).rejects.toThrow(/100 deep/);
    }
    for (const text of [
      "[".repeat(200_000),
      "- ".repeat(200_000),
      "? ".repeat(200_000),
      `a: ${"{a: ".repeat(200_000)}`,
    ]) {
      await expect(decoded("yaml", text)).rejects.toThrow(/100 deep/);
    }
    await expect(decoded("json", '{"a":'.repeat(200_000))).rejects.toThrow(
      "nested more than 100 deep",
    );
    await expect(
      decoded("json", `{"a":${"[".repeat(99)}${"]".repeat(99)}}`),
    ).resolves.toBeDefined();
  });

  it("refuses aliases that blow up and aliases of themselves", async () => {
    const lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"];
    for (let n = 1; n < 10; n++) lines.push(`a${n}: &a${n} [${`*a${n - 1},`.repeat(10)}]`);
    await expect(decoded("yaml", lines.join("\n"))).rejects.toThrow('"a.yaml"');
    await expect(decoded("yaml", "a: &a {b: *a}")).rejects.toThrow('"a.yaml"');
  });
});

describe("createDecoder()", () => {
  it("names the formats there are", async () => {
    await expect(decoded("toml", "")).rejects.toThrow(
      'Cannot decode config "a.toml" (format "toml"): its format must be one of json, yaml, yml: current value is "toml"',
    );
  });

  it("refuses text that is not UTF-8 and keeps a bare text as it is", async () => {
    const value = new Uint8Array([0x7b, 0xff, 0x7d]);
    await expect(load([{ key: "a.json", value }])).rejects.toThrow('"a.json"');
    expect(await load([{ key: "a.b", value: " 1\n", format: "" }])).toEqual({ a: { b: " 1\n" } });
    await expect(load([{ key: ".".repeat(100), value: "", format: "" }])).rejects.toThrow(
      /100 parts at most/,
    );
  });

  it("takes dates, maps and bytes of further formats, and refuses functions", async () => {
    const date = new Date(0);
    const decoder = createDecoder({
      good: () =>
        new Map<string, unknown>([
          ["d", date],
          ["b", new Uint8Array([104, 105])],
          ["n", 1n],
        ]),
      bad: () => ({ a: () => undefined }),
    });
    const good = await load([{ key: "a.good", value: "" }], decoder);
    expect(good).toEqual({ d: "1970-01-01T00:00:00.000Z", b: "hi", n: 1 });
    await expect(load([{ key: "a.bad", value: "" }], decoder)).rejects.toThrow(/data only/);
  });
});

type Documents = Extract<Parameters<typeof memorySource>[0], readonly unknown[]>;

async function load(documents: Documents, decoder = createDecoder()): Promise<unknown> {
  const config = new Config({ sources: [memorySource(documents)], decoder });
  await config.load();
  await config.close();
  return config.scanWith((tree) => tree);
}

function decoded(format: string, text: string): Promise<unknown> {
  return load([{ key: `a.${format}`, value: text }]);
}

function isRefused(text: string): Promise<boolean> {
  return decoded("json", text).then(
    () => false,
    () => true,
  );
}

function isJsonMap(text: string): boolean {
  let isFinite = true;
  try {
    // JSON.parse makes infinity of a number that is too large, which is no number of the document's.
    const value: unknown = JSON.parse(text, (_, node: unknown) => {
      if (typeof node === "number") isFinite &&= Number.isFinite(node);
      return node;
    });
    return isFinite && (value === null || (typeof value === "object" && !Array.isArray(value)));
  } catch {
    return text.trim() === "";
  }
}

function block(open: string, depth: number): string {
  if (!open.startsWith("\n")) return open.repeat(depth);
  return (
    Array.from({ length: depth }, (_, level) => `\n${" ".repeat(level + 1)}${open.trim()}`).join(
      "",
    ) + " "
  );
}

function withoutForbidden(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutForbidden);
  if (typeof node === "bigint") return Number(node);
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).filter(
    ([key]) => !["__proto__", "constructor", "prototype"].includes(key),
  );
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutForbidden(item)]));
}
