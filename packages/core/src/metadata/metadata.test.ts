import { describe, expect, it } from "vitest";
import { background } from "../context/index.ts";
import {
  appendToClientContext,
  clientMetadata,
  mergeToClientContext,
  Metadata,
  withClientMetadata,
} from "./index.ts";
import vectors from "./testdata/metadata-propagation.json" with { type: "json" };

interface Input {
  op: string;
  mds?: Record<string, string[]>[];
  md?: Record<string, string[]>;
  other?: Record<string, string[]>;
  key?: string;
  value?: string;
  kv?: string[];
}

const containerOps = ["new", "get", "set", "add", "append", "merge"];
// The middleware's cases (server, client, hasPrefix) run beside it; grpcWire is judged there too.
const cases = vectors.cases.filter(({ input }) => containerOps.includes(input.op));

describe("Metadata by the vectors", () => {
  it.each(cases)("$name", ({ input, expected }) => {
    const given = input as Input;
    const md = new Metadata(...(given.mds ?? [given.md ?? {}]));
    const { key = "", value = "" } = given;
    const context = withClientMetadata(background, md);
    switch (given.op) {
      case "get":
        expect({ value: md.get(key) }).toEqual(expected);
        return;
      case "set":
        md.set(key, value);
        break;
      case "add":
        md.add(key, value);
        break;
      case "append":
        if ("error" in expected) {
          expect(() => appendToClientContext(context, ...(given.kv ?? []))).toThrow(TypeError);
          return;
        }
        expect({
          md: clientMetadata(appendToClientContext(context, ...(given.kv ?? [])))?.toJSON(),
        }).toEqual(expected);
        return;
      case "merge":
        expect({
          md: clientMetadata(
            mergeToClientContext(context, new Metadata(given.other ?? {})),
          )?.toJSON(),
        }).toEqual(expected);
        return;
      default:
        expect(given.op).toBe("new");
    }
    expect({ md: md.toJSON() }).toEqual(expected);
  });
});

describe("Metadata", () => {
  it("clone() shares nothing", () => {
    const one = new Metadata({ a: ["1"] });
    const two = one.clone();
    two.add("a", "2");
    expect(one.values("a")).toEqual(["1"]);
  });

  it("appendToClientContext() leaves the context it was given alone", () => {
    const outer = appendToClientContext(background, "a", "1");
    appendToClientContext(outer, "a", "2");
    expect(clientMetadata(outer)?.get("a")).toBe("1");
    expect(clientMetadata(background)).toBeUndefined();
  });

  it("takes prototype names as data", () => {
    const md = new Metadata({ ["__proto__"]: "x", constructor: "y" });
    expect(md.get("constructor")).toBe("y");
    expect(md.get("toString")).toBe("");
  });
});
