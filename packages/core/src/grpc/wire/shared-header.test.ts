import { describe, expect, test } from "vitest";
import { HeaderMap } from "../../transport/index.ts";
import { SharedHeader } from "./shared-header.ts";

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
