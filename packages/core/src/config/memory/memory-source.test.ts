import { describe, expect, it } from "vitest";
import { memorySource } from "./index.ts";

describe("memorySource()", () => {
  it("takes a map for a JSON document, and documents with formats of their keys", async () => {
    expect(await shown(memorySource({ a: 1 }))).toEqual([["memory.json", "json", '{"a":1}']]);
    const documents = [
      { key: "a.b.yaml", value: "a: 1" },
      { key: "c.d", value: new Uint8Array([120]), format: "" },
    ];
    expect(await shown(memorySource(documents))).toEqual([
      ["a.b.yaml", "yaml", "a: 1"],
      ["c.d", "", "x"],
    ]);
  });

  it("copies the bytes it is given", async () => {
    const value = new Uint8Array([120]);
    const source = memorySource([{ key: "a", value }]);
    value[0] = 121;
    expect(await shown(source)).toEqual([["a", "", "x"]]);
  });

  it("watch() passes over sets that nobody waited for", async () => {
    const source = memorySource({ a: 1 });
    const stop = new AbortController();
    const iterator = source.watch({ signal: stop.signal })[Symbol.asyncIterator]();
    source.set({ a: 2 });
    source.set({ a: 3 });
    expect(text((await iterator.next()).value)).toBe('{"a":3}');
    const next = iterator.next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});

async function shown(source: ReturnType<typeof memorySource>): Promise<string[][]> {
  const documents = await source.load();
  return documents.map(({ key, format, value }) => [key, format, new TextDecoder().decode(value)]);
}

function text(documents: Awaited<ReturnType<ReturnType<typeof memorySource>["load"]>>): string {
  return new TextDecoder().decode(documents[0]?.value);
}
