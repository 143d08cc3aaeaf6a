import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodePercent, encodePercent } from "./percent.ts";

describe("encodePercent()", () => {
  test.each([
    ["plain text", "plain text"],
    ["100%", "100%25"],
    ["a\nb\t", "a%0Ab%09"],
    ["☺", "%E2%98%BA"],
    ["", ""],
  ])("encodePercent() writes %j", (text, encoded) => {
    expect(encodePercent(text)).toBe(encoded);
  });

  test("decodePercent() takes back what encodePercent() wrote, of any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const encoded = encodePercent(text);
        expect(encoded).toMatch(/^[\x20-\x7e]*$/);
        expect(decodePercent(encoded)).toBe(text);
      }),
    );
  });

  test.each([
    ["%", "%"],
    ["%4", "%4"],
    ["%zz ok", "%zz ok"],
    ["%41%e2%98%ba", "A☺"],
    ["%ff", "\ufffd"],
  ])("decodePercent() reads the doubtful %j", (text, decoded) => {
    expect(decodePercent(text)).toBe(decoded);
  });
});
