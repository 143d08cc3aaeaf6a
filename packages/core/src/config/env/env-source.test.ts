import { describe, expect, it } from "vitest";
import { Config } from "../index.ts";
import { envSource } from "./index.ts";
import { matchPrefix } from "./match-prefix.ts";
import vectors from "../testdata/config-sources.json" with { type: "json" };

interface Input {
  kind: string;
  prefixes?: string[];
  env?: string[];
  name?: string;
}

describe("envSource() agrees with Go:", () => {
  for (const { name, input, expected } of vectors.cases) {
    const { kind, prefixes = [], env = [], name: variable = "" }: Input = input;
    if (kind === "env") {
      it(name, async () => {
        expect(await loaded(envSource({ prefixes, env: toRecord(env) }))).toEqual(expected.kvs);
      });
    } else if (kind === "matchPrefix") {
      it(name, () => {
        const prefix = matchPrefix(variable, prefixes);
        expect({ prefix: prefix ?? "", ok: prefix !== undefined }).toEqual(expected);
      });
    }
  }
});

describe("envSource()", () => {
  it("reads the process's variables unless others are given", async () => {
    const names = (await loaded(envSource())).map(({ key }) => key);
    expect(names).toEqual(Object.keys(process.env));
  });

  it("lands at the root above earlier sources, as texts, and feeds placeholders", async () => {
    const env = { APP_port: "8000", "APP_db.name": "main", APP___proto__: "x" };
    const config = new Config({ sources: [envSource({ prefixes: ["APP_"], env })] });
    await config.load();
    expect(config.scanWith((tree) => tree)).toEqual({
      port: "8000",
      db: { name: "main" },
      _proto__: "x",
    });
    expect(config.value("port").int()).toBe(8000);
    await config.close();
  });

  it("watch() ends without having told anything", async () => {
    const sets = [];
    for await (const set of envSource().watch({ signal: new AbortController().signal }))
      sets.push(set);
    expect(sets).toEqual([]);
  });
});

async function loaded(
  source: ReturnType<typeof envSource>,
): Promise<{ key: string; value: string }[]> {
  const documents = await source.load();
  expect(documents.every(({ format }) => format === "")).toBe(true);
  return documents.map(({ key, value }) => ({ key, value: new TextDecoder().decode(value) }));
}

function toRecord(env: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    env.map((entry) => {
      const at = entry.indexOf("=");
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
