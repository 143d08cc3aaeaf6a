import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Config, ConfigKeyNotFoundError, type Value } from "./index.ts";
import { type MemorySource, memorySource } from "./memory/index.ts";

// What Go Kratos does, by observation; the differences are listed at each part with the reason.

describe("mergeTrees() agrees with Go:", () => {
  for (const { name, input, expected } of vectors("config-merge") as Case<
    { docs: Tree[] },
    Tree
  >[]) {
    it(name, async () => {
      const config = await loaded(input.docs.map((doc) => memorySource(doc)));
      expect(config.scanWith((tree) => tree)).toEqual(expected);
    });
  }
});

describe("createDecoder() agrees with Go:", () => {
  const different = new Map([
    [
      "yml is not a registered codec",
      { tree: { a: 1 }, reason: "one yml file must not fail a whole directory" },
    ],
    ["empty json document is an error in v2", { tree: {}, reason: "v3 accepts it" }],
  ]);
  type Expected = { tree?: Tree; error?: boolean };
  for (const { name, input, expected } of vectors("config-decoder") as Case<
    { key: string; format: string; text: string },
    Expected
  >[]) {
    const { key, format, text } = input;
    const source = memorySource([{ key, format, value: text }]);
    it(name, async () => {
      const tree = different.get(name)?.tree ?? expected.tree;
      if (tree === undefined) {
        await expect(loaded([source])).rejects.toThrow(`"${key}" (format "${format}")`);
        return;
      }
      const config = await loaded([source]);
      expect(config.scanWith((whole) => whole)).toEqual(tree);
    });
  }
});

describe("placeholders agree with Go:", () => {
  const different = new Map([
    [
      "float reference >= 1e6 uses an exponent",
      { value: "1000000", reason: "an integer is written in full" },
    ],
  ]);
  type Input = { mode: string; root: Tree; value: unknown };
  for (const { name, input, expected } of vectors("config-placeholders") as Case<
    Input,
    { value: unknown }
  >[]) {
    it(`${input.mode}: ${name}`, async () => {
      const root = JSON.parse(
        JSON.stringify(input.root),
        (_, node) => node?.$float ?? node,
      ) as Tree; // test data
      const source = memorySource({ ...root, "under test": input.value });
      const config = await loaded([source], { resolveActualTypes: input.mode === "actualTypes" });
      expect(config.value("under test").load()).toEqual(
        different.get(name)?.value ?? expected.value,
      );
    });
  }
});

describe("Value agrees with Go:", () => {
  const different = new Map([
    [
      "string from float 1000000",
      { value: "1000000", reason: "an integer is written in full, also from JSON" },
    ],
  ]);
  type Input = { accessor: string; type: string; value: unknown };
  for (const { name, input, expected } of vectors("config-value-conversions") as Case<
    Input,
    Answer
  >[]) {
    it(name, async () => {
      const config = await loaded([
        memorySource(input.type === "missing" ? {} : { v: input.value }),
      ]);
      const read = (): unknown => access(config.value("v"), input.accessor, expected);
      if (expected.error !== true)
        expect(read()).toEqual(different.get(name)?.value ?? answer(expected));
      else if (expected.errorIs === undefined) expect(read).toThrow(/^Cannot read config "v"/);
      else expect(read).toThrow(ConfigKeyNotFoundError);
    });
  }
});

describe("value() and watch() agree with Go:", () => {
  const different = new Map<string, PathExpected>([
    ["removed key is ignored", { notified: ["a"], values: {}, reason: "a removed key is gone" }],
    [
      "second observer for the same key replaces the first",
      { notified: ["a", "a"], reason: "both are called" },
    ],
  ]);
  for (const { name, input, expected } of vectors("config-paths-watch") as Case<
    PathInput,
    PathExpected
  >[]) {
    it(name, async () => {
      if (input.kind === "lookup") {
        const config = await loaded([memorySource(input.tree)]);
        expect(config.value(input.path).load()).toEqual(expected.value);
        expect(expected.found).toBe(expected.value !== undefined);
        return;
      }
      const source = memorySource({ ...input.before, marker: 1 });
      const config = await loaded([source]);
      if (expected.error === true) {
        expect(() => config.watch(input.observe[0] ?? "", () => undefined)).toThrow(
          ConfigKeyNotFoundError,
        );
        return;
      }
      const notified: string[] = [];
      const values = Object.fromEntries(input.observe.map((path) => [path, config.value(path)]));
      for (const path of input.observe) config.watch(path, () => notified.push(path));
      const changed = markerChanged(config);
      source.set({ ...input.after, marker: 2 });
      await changed;
      const { notified: expectedPaths, values: contents = {} } = {
        ...expected,
        ...different.get(name),
      };
      expect(notified).toEqual(expectedPaths);
      for (const [path, value] of Object.entries(values))
        expect(value.load()).toEqual(contents[path]);
    });
  }
});

type Tree = Record<string, unknown>;

interface Case<Input, Expected> {
  readonly name: string;
  readonly input: Input;
  readonly expected: Expected;
}

interface Answer {
  value?: unknown;
  error?: boolean;
  errorIs?: string;
  nanoseconds?: number;
  length?: number;
  first?: { duration: { nanoseconds: number } };
  keys?: string[];
}

interface PathInput {
  kind: "lookup" | "watch";
  tree: Tree;
  path: string;
  before: Tree;
  observe: string[];
  after: Tree;
}

interface PathExpected {
  found?: boolean;
  value?: unknown;
  error?: boolean;
  notified?: string[];
  values?: Record<string, unknown>;
  /** Why ours is another. */
  reason?: string;
}

function access(value: Value, accessor: string, expected: Answer): unknown {
  switch (accessor) {
    case "bool":
      return value.bool();
    case "int":
      return value.int();
    case "float":
      return value.float();
    case "string":
      return value.string();
    case "duration":
      return Math.round(value.durationMs() * 1e6);
    case "slice":
      return [value.slice().length, Math.round((value.slice()[0]?.durationMs() ?? 0) * 1e6)];
    case "map":
      return [...value.map().keys()].toSorted();
    case "scan":
      return value.scanWith((tree) => tree);
    default:
      throw new Error(`no accessor for ${accessor} and ${JSON.stringify(expected)}`);
  }
}

function answer(expected: Answer): unknown {
  if (expected.length !== undefined) return [expected.length, expected.first?.duration.nanoseconds];
  return expected.keys?.toSorted() ?? expected.nanoseconds ?? expected.value;
}

/** Resolves when the key "marker" has changed; its observer is the last one. */
function markerChanged(config: Config): Promise<void> {
  return new Promise((resolve) => {
    config.watch("marker", () => resolve());
  });
}

async function loaded(
  sources: readonly MemorySource[],
  options: { resolveActualTypes?: boolean } = {},
): Promise<Config> {
  const config = new Config({ sources, ...options });
  await config.load();
  return config;
}

function vectors(file: string): unknown[] {
  const text = readFileSync(new URL(`./testdata/${file}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as { cases: unknown[] }).cases; // test data
}
