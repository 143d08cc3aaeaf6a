import { describe, expect, it } from "vitest";
import { toFileName } from "./file-name.ts";

describe("toFileName()", () => {
  it.each([
    ["helloworld.v1", "helloworld.v1"],
    ["", "%"],
    ["..", "%002e%002e"],
    ["../x", "%002e.%002fx"],
    ["Users", "%0055sers"],
    ["con", "%0063on"],
    ["nul.json", "%006eul.json"],
    ["a\u0000b", "a%0000b"],
    ["é", "%00e9"],
    ["e\u0301", "e%0301"],
    ["\ud800", "%d800"],
    ["100%", "100%0025"],
  ])("writes %o as %s", (text, name) => {
    expect(toFileName(text)).toBe(name);
  });

  it("keeps long texts apart, within what a file system takes", () => {
    const long = "x".repeat(1000);
    expect(toFileName(`${long}a`)).not.toBe(toFileName(`${long}b`));
    expect(toFileName(`${long}a`).length).toBeLessThanOrEqual(200);
  });
});
