import { describe, expect, test } from "vitest";
import { HeaderMap } from "./index.ts";
import { readMetadata, writeMetadata } from "./metadata-fields.ts";

function write(entries: Iterable<readonly [string, string | readonly string[]]>): string[] {
  const fields: string[] = [];
  writeMetadata(fields, new HeaderMap(entries).entries());
  return fields;
}

describe("readMetadata()", () => {
  test("readMetadata() keeps values apart, splits those of -bin names, and leaves out the protocol's", () => {
    const header = readMetadata([
      ":method",
      "POST",
      ":authority",
      "host",
      "te",
      "trailers",
      "grpc-timeout",
      "1S",
      "grpc-encoding",
      "gzip",
      "x-a",
      "1",
      "x-a",
      "2, 3",
      "x-bin",
      "AQ==, Ag",
    ]);
    expect([...header.entries()]).toEqual([
      [":authority", ["host"]],
      ["x-a", ["1", "2, 3"]],
      ["x-bin", ["AQ==", "Ag"]],
    ]);
  });

  test("readMetadata() takes names that objects have by themselves", () => {
    expect(readMetadata(["__proto__", "x", "constructor", "y"]).get("__proto__")).toBe("x");
  });
});

describe("writeMetadata()", () => {
  test("writeMetadata() sends every value, and no name that is reserved", () => {
    const reserved = [
      "te",
      "grpc-timeout",
      ":path",
      "connection",
      "content-type",
      "content-length",
      "user-agent",
    ];
    expect(write([["x-a", ["1", " 2 "]], ...reserved.map((name) => [name, "x"] as const)])).toEqual(
      ["x-a", "1", "x-a", "2"],
    );
  });

  test.each([
    ["x-a", "line\nbreak"],
    ["x-a", "ü"],
    ["x a", "1"],
    ["x-bin", "not base64!"],
  ])("writeMetadata() refuses %j with %j", (name, value) => {
    expect(() => write([[name, value]])).toThrow(/Cannot send metadata/);
  });
});
