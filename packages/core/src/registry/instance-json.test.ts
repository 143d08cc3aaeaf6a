import { describe, expect, it } from "vitest";
import { decodeInstance, encodeInstance, toInstance } from "./index.ts";

const instance = {
  id: "1",
  name: "users",
  version: "v1",
  metadata: { b: "2", a: "1" },
  endpoints: ["grpc://127.0.0.1:9000"],
};

describe("encodeInstance()", () => {
  it("writes the members in Go's order, metadata sorted", () => {
    expect(encodeInstance(instance)).toBe(
      '{"id":"1","name":"users","version":"v1","metadata":{"a":"1","b":"2"},"endpoints":["grpc://127.0.0.1:9000"]}',
    );
  });
});

describe("decodeInstance()", () => {
  it("reads back what encodeInstance() wrote", () => {
    expect(decodeInstance(encodeInstance(instance))).toEqual(instance);
  });

  it("takes null and missing members as empty, and ignores unknown ones", () => {
    const empty = { id: "1", name: "", version: "", metadata: {}, endpoints: [] };
    expect(
      decodeInstance('{"id":"1","metadata":null,"endpoints":null,"version":null,"more":1}'),
    ).toEqual(empty);
  });

  it("builds metadata that has no prototype", () => {
    const { metadata } = decodeInstance('{"metadata":{"__proto__":"x","constructor":"y"}}');
    expect(metadata["toString"]).toBeUndefined();
    expect(Object.keys(metadata)).toEqual(["constructor"]);
  });

  it.each([
    ["5", "the record must be an object"],
    ["[]", "current value is an array"],
    ['{"id":5}', "'id' must be a string"],
    ['{"metadata":[]}', "'metadata' must be an object: current value is an array"],
    ['{"metadata":{"a":1}}', "each value of 'metadata' must be a string"],
    ['{"endpoints":"grpc://a:1"}', "'endpoints' must be an array"],
    ['{"endpoints":[1]}', "each of 'endpoints' must be a string: current value is of type number"],
  ])("refuses %s", (text, message) => {
    expect(() => decodeInstance(text)).toThrow(TypeError);
    expect(() => decodeInstance(text)).toThrow(message);
  });

  it("refuses what is not JSON", () => {
    expect(() => decodeInstance("{")).toThrow(SyntaxError);
  });
});

describe("toInstance()", () => {
  it("reads a parsed value", () => {
    expect(toInstance(instance)).toEqual(instance);
    expect(() => toInstance(null)).toThrow(TypeError);
  });
});
