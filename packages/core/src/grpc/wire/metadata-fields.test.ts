import { describe, expect, test } from "vitest";
import { HeaderMap } from "../../transport/index.ts";
import { readMetadata, writeMetadata } from "./metadata-fields.ts";
import { SharedHeader } from "./shared-header.ts";

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

describe("SharedHeader", () => {
  test("SharedHeader writes to a copy of its own", () => {
    const shared = new HeaderMap([["x-a", "1"]]);
    const header = new SharedHeader(shared);
    header.add("x-a", "2");
    header.set("x-b", "3");
    header.delete("x-c");
    expect(header.values("x-a")).toEqual(["1", "2"]);
    expect(header.keys()).toEqual(["x-a", "x-b"]);
    expect([...shared.entries()]).toEqual([["x-a", ["1"]]]);
  });
});
