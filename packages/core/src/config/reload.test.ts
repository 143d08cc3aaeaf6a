import { getEventListeners } from "node:events";
import { describe, expect, it, vi } from "vitest";
import {
  Config,
  ConfigDecodeError,
  ConfigResolveError,
  type ConfigOptions,
  type KeyValue,
  type Source,
} from "./index.ts";
import { type MemoryDocument, memorySource } from "./memory/index.ts";

describe("Config reload", () => {
  it("keeps the order of the sources whichever changes last, and drops what a source no longer says", async () => {
    const [low, high] = [memorySource({ a: 1, only: 1 }), memorySource({ a: 2 })];
    const { config } = await load([low, high]);
    const removed = change(config, "only");
    low.set({ a: 10 });
    await removed;
    expect(tree(config)).toEqual({ a: 2 });
    const uncovered = change(config, "a");
    high.set({});
    await uncovered;
    expect(tree(config)).toEqual({ a: 10 });
  });

  it("keeps what a broken document said before, tells once, and takes the other documents", async () => {
    const source = memorySource([json("a", { a: 1 }), json("b", { b: 1 })]);
    const { config, errors } = await load([source]);
    const next = change(config, "b");
    source.set([{ key: "a.json", value: '{"a":' }, json("b", { b: 2 })]);
    await next;
    expect(tree(config)).toEqual({ a: 1, b: 2 });
    expect(errors).toEqual([expect.any(ConfigDecodeError)]);
    expect(String(errors[0])).toContain('"a.json"');
    const after = change(config, "b");
    source.set([{ key: "a.json", value: '{"a":' }, json("b", { b: 3 })]);
    await after;
    expect(errors).toHaveLength(1);
    const repaired = change(config, "a");
    source.set([json("a", { a: 4 }), json("b", { b: 3 })]);
    await repaired;
    expect(tree(config)).toEqual({ a: 4, b: 3 });
  });

  it("keeps the old tree when placeholders come to refer in a circle, until they no longer do", async () => {
    const [one, other] = [memorySource({ a: "1", n: 1 }), memorySource({ b: "${a}" })];
    const { config, errors, nextError } = await load([one, other]);
    one.set({ a: "${b}", n: 2 });
    await nextError();
    expect(errors).toEqual([expect.any(ConfigResolveError)]);
    expect(tree(config)).toEqual({ a: "1", b: "1", n: 1 });
    const mended = change(config, "a");
    other.set({ b: "2" });
    await mended;
    expect(tree(config)).toEqual({ a: "2", b: "2", n: 2 });
  });

  it("takes what one source says while what another says does not resolve", async () => {
    const [one, other] = [memorySource({ a: 1 }), memorySource({ b: 1 })];
    const { config, nextError } = await load([one, other]);
    one.set({ a: "${a}" });
    await nextError();
    const changed = change(config, "b");
    other.set({ b: 2 });
    await changed;
    expect(tree(config)).toEqual({ a: 1, b: 2 });
  });

  it("calls nobody when a source repeats itself", async () => {
    const source = memorySource({ a: 1 });
    const { config } = await load([source, memorySource({})]);
    const observer = vi.fn();
    config.watch("a", observer);
    source.set({ a: 1 });
    const changed = change(config, "a");
    source.set({ a: 2 });
    await changed;
    expect(observer).toHaveBeenCalledOnce();
  });

  it("load() does not undo what a source told while it was read again", async () => {
    const source = memorySource({ a: 1 });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isFirst = true;
    const slow: Source = {
      async load() {
        if (!isFirst) await held;
        isFirst = false;
        return [];
      },
      watch: memorySource().watch,
    };
    const { config } = await load([source, slow]);
    const again = config.load();
    const changed = change(config, "a");
    source.set({ a: 2 });
    await changed;
    release();
    await again;
    expect(tree(config)).toEqual({ a: 2 });
  });
});

describe("Config watching", () => {
  it("starts a source again that fails, and tells the error", async () => {
    let runs = 0;
    const source = fakeSource(async function* () {
      runs++;
      if (runs < 3) throw new Error(`failure ${runs}`);
      yield [toKeyValue(json("a", { a: 2 }))];
    });
    const { config, errors } = await load([source], { watchRetryDelayMs: 0 });
    await change(config, "a");
    expect(errors.map(String)).toEqual(["Error: failure 1", "Error: failure 2"]);
    await config.close();
  });

  it("warns when nobody listens for errors", async () => {
    const warning = new Promise<Error>((resolve) => process.once("warning", resolve));
    const source = fakeSource(async function* () {
      throw new Error("lost the store");
    });
    const config = new Config({ sources: [source] });
    await config.load();
    expect(await warning).toMatchObject({ name: "KratosConfigWarning", message: "lost the store" });
    await config.close();
  });

  it("close() aborts the watches, waits for them, and can be called again", async () => {
    const log: string[] = [];
    let given: AbortSignal | undefined;
    const source = fakeSource(async function* (signal) {
      given = signal;
      try {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      } finally {
        log.push("ended");
      }
    });
    const { config } = await load([source]);
    const [first, second] = [config.close(), config.close()];
    expect(second).toBe(first);
    await first;
    expect(log).toEqual(["ended"]);
    expect(given?.aborted).toBe(true);
    expect(given === undefined ? [] : getEventListeners(given, "abort")).toEqual([]);
    await expect(config.load()).rejects.toThrow(/must be open/);
  });

  it("close() tells all errors, and does not wait for ever", async () => {
    const failing = (message: string): Source =>
      fakeSource(async function* (signal) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        throw new Error(message);
      });
    const hanging = fakeSource(async function* () {
      await new Promise(() => undefined);
    });
    const { config } = await load([failing("one"), failing("two"), hanging], {
      closeTimeoutMs: 20,
    });
    const keepAlive = setInterval(() => undefined, 1000);
    const error = await config.close().catch((failure: unknown) => failure);
    clearInterval(keepAlive);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors.map(String)).toEqual([
      // just checked
      "Error: one",
      "Error: two",
      expect.stringContaining("within 20 ms"),
    ]);
  });

  it("close() takes the abort of a source for its end, and before load() has nothing to do", async () => {
    const source = fakeSource(async function* (signal) {
      await new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      ); // an AbortError
    });
    const { config } = await load([source]);
    await expect(config.close()).resolves.toBeUndefined();
    await expect(new Config({ sources: [source] }).close()).resolves.toBeUndefined();
  });

  it("close() during load() keeps it from watching", async () => {
    const watch = vi.fn(memorySource().watch);
    const config = new Config({ sources: [{ load: async () => [], watch }] });
    const loading = config.load();
    await config.close();
    await expect(loading).rejects.toThrow(/must be open/);
    expect(watch).not.toHaveBeenCalled();
  });
});

interface Loaded {
  config: Config;
  errors: unknown[];
  /** Resolves with the next error. */
  nextError: () => Promise<void>;
}

async function load(
  sources: readonly Source[],
  options: Partial<ConfigOptions> = {},
): Promise<Loaded> {
  const errors: unknown[] = [];
  let tell = (): void => undefined;
  const onError = (error: unknown): void => {
    errors.push(error);
    tell();
  };
  const config = new Config({ sources, onError, ...options });
  await config.load();
  const nextError = (): Promise<void> =>
    new Promise((resolve) => {
      tell = resolve;
    });
  return { config, errors, nextError };
}

function tree(config: Config): unknown {
  return config.scanWith((whole) => whole);
}

function change(config: Config, path: string): Promise<void> {
  return new Promise((resolve) => {
    const watch = config.watch(path, () => {
      watch[Symbol.dispose]();
      resolve();
    });
  });
}

function json(name: string, content: unknown): MemoryDocument {
  return { key: `${name}.json`, value: JSON.stringify(content) };
}

function toKeyValue({ key, value }: MemoryDocument): KeyValue {
  return {
    key,
    value: typeof value === "string" ? new TextEncoder().encode(value) : value,
    format: "json",
  };
}

/** A source that holds {"a":1} and is watched by this. */
function fakeSource(run: (signal: AbortSignal) => AsyncIterable<readonly KeyValue[]>): Source {
  return {
    load: async () => [toKeyValue(json("a", { a: 1 }))],
    watch: ({ signal }) => run(signal),
  };
}
