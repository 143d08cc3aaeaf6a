import { describe, expect, it } from "vitest";
import { defaultCodecs } from "./defaults/index.ts";
import { contentSubtype, contentTypeOf, createCodecRegistry } from "./index.ts";
import { jsonCodec } from "./json/index.ts";
import vectors from "./testdata/codec-selection.json" with { type: "json" };

describe("codec selection as Go Kratos does it", () => {
  const codecs = defaultCodecs();

  for (const { name, input, expected } of vectors.cases) {
    it(`codec-selection: ${name}`, () => {
      if (input.op === "subtype") expect(contentSubtype(input.value ?? "")).toBe(expected);
      else if (input.op === "contentType") expect(contentTypeOf(input.value ?? "")).toBe(expected);
      else {
        const { codec, found } = codecs.select(input.values ?? []);
        expect({ codec: codec.name, found }).toEqual(expected);
      }
    });
  }
});

describe("createCodecRegistry()", () => {
  const named = (name: string) => jsonCodec({ name });

  it("createCodecRegistry() finds codecs under their lower-cased name", () => {
    const codec = named("MsgPack");
    const codecs = createCodecRegistry([codec]);
    expect(codecs.get("msgpack")).toBe(codec);
    expect(codecs.get("MsgPack")).toBeUndefined();
    expect(codecs.forContentType("text/msgpack; charset=utf-8")).toBe(codec);
    expect(codecs.names).toEqual(["msgpack"]);
  });

  it("createCodecRegistry() lets the last codec of a name win", () => {
    const [first, second] = [named("json"), named("JSON")];
    expect(createCodecRegistry([first, second]).get("json")).toBe(second);
    expect(createCodecRegistry([first]).with(second).get("json")).toBe(second);
  });

  it("createCodecRegistry() refuses an empty name and an empty list", () => {
    expect(() => createCodecRegistry([named("")])).toThrow(TypeError);
    expect(() => createCodecRegistry([])).toThrow(TypeError);
  });

  it("createCodecRegistry() falls back on json, on the named codec, or on the first", () => {
    const [json, other] = [named("json"), named("other")];
    expect(createCodecRegistry([other, json]).fallback).toBe(json);
    expect(createCodecRegistry([json, other], { fallback: "other" }).fallback).toBe(other);
    expect(createCodecRegistry([other]).fallback).toBe(other);
  });

  it("with() leaves the registry it is called on as it is", () => {
    const codecs = createCodecRegistry([named("json")]);
    codecs.with(named("other"));
    expect(codecs.names).toEqual(["json"]);
  });
});

describe("defaultCodecs()", () => {
  it("defaultCodecs() knows what Go Kratos registers", () => {
    expect(defaultCodecs().names).toEqual([
      "json",
      "protojson",
      "proto",
      "x-www-form-urlencoded",
      "xml",
      "yaml",
    ]);
  });
});
