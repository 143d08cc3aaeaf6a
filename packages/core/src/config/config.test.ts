import {
  UninterpretedOption_NamePartSchema,
  UninterpretedOptionSchema,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, it, vi } from "vitest";
import {
  Config,
  ConfigDecodeError,
  ConfigKeyNotFoundError,
  type ConfigOptions,
  ConfigResolveError,
  ConfigValueError,
  createDecoder,
  type KeyValue,
  mergeTrees,
  type Source,
} from "./index.ts";
import { type MemoryContent, memorySource } from "./memory/index.ts";

describe("Config", () => {
  it("load() lets later sources override earlier ones, and reads again when called again", async () => {
    const [low, high] = [memorySource({ a: 1, b: 1 }), memorySource({ b: 2 })];
    const config = await load([low, high]);
    expect(tree(config)).toEqual({ a: 1, b: 2 });
    low.set({ a: 3 });
    await config.load();
    expect(tree(config)).toEqual({ a: 3, b: 2 });
    await config.close();
  });

  it("load() names the document, its format and the line, and leaves nothing behind", async () => {
    const source = memorySource([{ key: "app.yaml", value: "a: 1\nb: [secret\nc: 2" }]);
    const config = new Config({ sources: [memorySource({ x: 1 }), source] });
    const error = await config.load().catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ConfigDecodeError);
    expect(error).toMatchObject({ key: "app.yaml", format: "yaml", line: 3 });
    expect(String(error)).toContain('Cannot decode config "app.yaml" (format "yaml") line 3: ');
    expect(String(error)).not.toContain("secret");
    expect(tree(config)).toEqual({});
    source.set({ y: 1 });
    await config.load();
    expect(tree(config)).toEqual({ x: 1, y: 1 });
  });

  it("load() passes on what a source throws", async () => {
    const failure = new Error("no route to the store");
    const source: Source = { load: () => Promise.reject(failure), watch: never };
    await expect(load([source])).rejects.toBe(failure);
  });

  it("value() is live, cached, and follows a change of type", async () => {
    const { config, change } = await changeable({ a: { b: 1 } });
    const value = config.value("a.b");
    expect(config.value("a.b")).toBe(value);
    await change({ a: { b: 1.5 } });
    expect(value.float()).toBe(1.5);
    await change({ a: { b: "text" } });
    expect(value.string()).toBe("text");
    await change({ a: 7 });
    expect(() => value.string()).toThrow(new ConfigKeyNotFoundError("a.b"));
    expect(value.load()).toBeUndefined();
    await change({ a: { b: 2 } });
    expect(value.int()).toBe(2);
  });

  it("value() treats null as absent", async () => {
    const config = await load([memorySource({ a: null })]);
    expect(config.value("a").load()).toBeUndefined();
    expect(() => config.value("a").bool()).toThrow('key not found: "a"');
  });

  it("value() answers frozen trees without a prototype and without its names", async () => {
    const text = '{"__proto__":{"x":1},"constructor":1,"a":{"prototype":2,"ok":3}}';
    const yaml = "__proto__: {x: 1}\nconstructor: 1\nb: {prototype: 2, ok: 3}";
    const config = await load([
      memorySource([
        { key: "a.json", value: text },
        { key: "b.yaml", value: yaml },
        { key: "__proto__.polluted", value: "yes", format: "" },
        { key: "c.constructor.prototype.polluted", value: "yes", format: "" },
      ]),
    ]);
    expect(tree(config)).toEqual({ a: { ok: 3 }, b: { ok: 3 }, c: {} });
    expect(Object.getPrototypeOf(config.value("a").load())).toBeNull();
    expect(Object.isFrozen(config.value("a").load())).toBe(true);
    expect({}).not.toHaveProperty("polluted");
    expect(config.value("a.toString").load()).toBeUndefined();
  });

  it("scan() and get() read messages and ignore unknown fields", async () => {
    const config = await load([
      memorySource({
        positiveIntValue: "18446744073709551615",
        other: 1,
        part: { name_part: "n", isExtension: true },
      }),
    ]);
    expect(config.scan(UninterpretedOptionSchema).positiveIntValue).toBe(18446744073709551615n);
    expect(config.get("part", UninterpretedOption_NamePartSchema)).toMatchObject({
      namePart: "n",
      isExtension: true,
    });
    expect(() => config.get("none", UninterpretedOptionSchema)).toThrow(ConfigKeyNotFoundError);
  });

  it("scan() takes large integers and infinity, and names what it cannot read", async () => {
    const config = await load([
      memorySource([
        { key: "a.yaml", value: "positiveIntValue: 18446744073709551615\ndoubleValue: .inf" },
      ]),
      memorySource([
        {
          key: "b.json",
          value: '{"negative":{"negativeIntValue":-9007199254740993}, "bad":{"aggregateValue":[]}}',
        },
      ]),
    ]);
    const message = config.scan(UninterpretedOptionSchema);
    expect(message.positiveIntValue).toBe(18446744073709551615n);
    expect(message.doubleValue).toBe(Number.POSITIVE_INFINITY);
    expect(config.get("negative", UninterpretedOptionSchema).negativeIntValue).toBe(
      -9007199254740993n,
    );
    expect(() => config.get("bad", UninterpretedOptionSchema)).toThrow(
      /^Cannot scan config "bad" as google.protobuf.UninterpretedOption: /,
    );
    expect(() => config.get("bad", UninterpretedOptionSchema)).toThrow(ConfigValueError);
  });

  it("scanWith() passes on what the function answers and throws", async () => {
    const config = await load([memorySource({ port: 1 })]);
    expect(config.scanWith((whole) => JSON.stringify(whole))).toBe('{"port":1}');
    const failure = new Error("not a port");
    const refuse = (): never => {
      throw failure;
    };
    expect(() => config.value("port").scanWith(refuse)).toThrow(failure);
  });

  it("scan() before load() sees an empty tree", () => {
    expect(tree(new Config({ sources: [] }))).toEqual({});
  });

  it("watch() calls every observer of a path, after the whole tree has changed; disposing removes that one", async () => {
    const { config, change } = await changeable({ a: 1, b: 1 });
    const seen: string[] = [];
    const first = config.watch("a", (value, path) =>
      seen.push(`first ${path} ${value.int()} ${config.value("b").int()}`),
    );
    config.watch("a", (value) => seen.push(`second ${value.int()}`));
    await change({ a: 2, b: 2 });
    expect(seen).toEqual(["first a 2 2", "second 2"]);
    first[Symbol.dispose]();
    await change({ a: 3, b: 3 });
    expect(seen.slice(2)).toEqual(["second 3"]);
  });

  it("watch() takes numbers of any notation for one type", async () => {
    const documents = (value: string): MemoryContent => [{ key: "a.yaml", value }];
    const source = memorySource(documents("n: 1\nm: 1"));
    const config = await load([source]);
    const seen: unknown[] = [];
    config.watch("n", (value) => seen.push(value.load()));
    const done = changed(config, "m");
    source.set(documents("n: 1.0\nm: 2"));
    await done;
    expect(seen).toEqual([]);
    const again = changed(config, "n");
    source.set(documents("n: 1.5\nm: 2"));
    await again;
    expect(seen).toEqual([1.5]);
  });

  it("watch() reports an observer that throws or rejects, and calls the others", async () => {
    const errors: unknown[] = [];
    const { config, change } = await changeable(
      { a: 1 },
      { onError: (error) => errors.push(error) },
    );
    const [thrown, rejected] = [new Error("thrown"), new Error("rejected")];
    config.watch("a", () => {
      throw thrown;
    });
    // oxlint-disable-next-line no-misused-promises -- what people write
    config.watch("a", async () => Promise.reject(rejected));
    const seen = vi.fn();
    config.watch("a", seen);
    await change({ a: 2 });
    expect(seen).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(errors).toEqual([thrown, rejected]));
  });

  it("close() called by an observer keeps the rest from being called", async () => {
    const source = memorySource({ a: 1 });
    const config = await load([source]);
    const later = vi.fn();
    const closed = new Promise<void>((resolve) => {
      config.watch("a", () => resolve(config.close()));
    });
    config.watch("a", later);
    source.set({ a: 2 });
    await closed;
    expect(later).not.toHaveBeenCalled();
    expect(config.value("a").int()).toBe(2);
  });

  it("constructor refuses what is no source, a resolver beside resolveActualTypes, and bad times", () => {
    // @ts-expect-error -- what a program without types may do
    expect(() => new Config({ sources: [{}] })).toThrow(TypeError);
    expect(
      () => new Config({ sources: [], resolver: (whole) => whole, resolveActualTypes: true }),
    ).toThrow(TypeError);
    expect(() => new Config({ sources: [], watchRetryDelayMs: Number.NaN })).toThrow(RangeError);
    expect(() => new Config({ sources: [], closeTimeoutMs: -1 })).toThrow(RangeError);
  });

  it("options replace the decoder, the merge and the resolver", async () => {
    const config = await load(
      [memorySource([{ key: "a.list", value: "x,y" }]), memorySource({ items: ["z"] })],
      {
        decoder: createDecoder({ list: (text) => ({ items: text.split(",") }) }),
        merge: (base, next) => ({
          ...mergeTrees(base, next),
          merged: String(Object.keys(base).length),
        }),
        resolver: (whole) => ({ ...whole, resolved: true }),
      },
    );
    expect(tree(config)).toEqual({ items: ["z"], merged: "2", resolved: true });
  });
});

describe("Config placeholders", () => {
  it("follow chains in any order and expand again when what they refer to changes", async () => {
    const [doc, env] = [memorySource({ a: "<${b}>", b: "${c:1}", z: "${a}" }), memorySource({})];
    const config = await load([doc, env]);
    expect(tree(config)).toEqual({ a: "<1>", b: "1", z: "<1>" });
    const done = changed(config, "a");
    env.set({ c: "two" });
    await done;
    expect(config.value("z").string()).toBe("<two>");
  });

  it("keep the type of what a chain leads to", async () => {
    const config = await load(
      [memorySource({ a: "${b}", b: "${c}", c: '"8080"', n: "${m}", m: "${k:80}" })],
      {
        resolveActualTypes: true,
      },
    );
    expect(tree(config)).toMatchObject({ a: 8080, b: "8080", n: 80, m: 80 });
  });

  it("that refer in a circle fail the load, and the error names the circle", async () => {
    const error = await load([memorySource({ x: "${a.b}", a: { b: "${c}" }, c: "${a.b}" })]).catch(
      (failure: unknown) => failure,
    );
    expect(error).toBeInstanceOf(ConfigResolveError);
    expect(error).toMatchObject({ cycle: ["a.b", "c", "a.b"] });
    expect(String(error)).toContain("a.b -> c -> a.b");
  });

  it("cannot make a small document a huge one", async () => {
    const content: Record<string, string> = { a0: "0123456789" };
    for (let n = 1; n < 40; n++) content[`a${n}`] = `\${a${n - 1}}\${a${n - 1}}`;
    await expect(load([memorySource(content)])).rejects.toThrow(/characters at most/);
    const chain: Record<string, string> = {};
    for (let n = 0; n < 5000; n++) chain[`a${n}`] = `\${a${n + 1}}`;
    await expect(load([memorySource(chain)])).rejects.toThrow(ConfigResolveError);
  });

  it("take time in proportion to the text", async () => {
    const config = await load([
      memorySource({
        open: "${".repeat(200_000),
        lines: "${\n".repeat(200_000),
        many: "${n}".repeat(100_000),
      }),
    ]);
    expect(config.value("open").string()).toHaveLength(400_000);
    expect(config.value("many").string()).toBe("");
  });

  it("tell a key with a dot from a path", async () => {
    const config = await load([memorySource({ "a.b": "${x:1}", a: { b: "${y:2}" }, c: "${a.b}" })]);
    expect(config.value("c").string()).toBe("2");
    expect(config.value("a").load()).toEqual({ b: "2" });
  });
});

function tree(config: Config): unknown {
  return config.scanWith((whole) => whole);
}

async function load(
  sources: readonly Source[],
  options: Partial<ConfigOptions> = {},
): Promise<Config> {
  const config = new Config({ sources, ...options });
  await config.load();
  return config;
}

/** A loaded config over one memory source, and a function that changes it and waits until it has changed. */
async function changeable(
  content: Record<string, unknown>,
  options: Partial<ConfigOptions> = {},
): Promise<{ config: Config; change: (next: Record<string, unknown>) => Promise<void> }> {
  let turn = 0;
  const source = memorySource({ ...content, turn });
  const config = await load([source], options);
  return {
    config,
    async change(next) {
      const done = changed(config, "turn");
      source.set({ ...next, turn: ++turn });
      await done;
    },
  };
}

function changed(config: Config, path: string): Promise<void> {
  return new Promise((resolve) => {
    const watch = config.watch(path, () => {
      watch[Symbol.dispose]();
      resolve();
    });
  });
}

async function* never(): AsyncGenerator<readonly KeyValue[]> {}
