import { describe, expect, test } from "vitest";
import { badRequest, KratosError } from "../../errors/index.ts";
import {
  closeReason,
  endFrame,
  errorFrame,
  errorFromText,
  errorTextOf,
  looksLikeControl,
  parseControl,
} from "./control-frame.ts";

describe("parseControl()", () => {
  const parse = (text: string): unknown => parseControl(Buffer.from(text));

  test("reads ends and errors, and takes everything else for a message", () => {
    expect(parse(endFrame)).toEqual({ kind: "end" });
    expect(parse(errorFrame("a: b"))).toEqual({ kind: "error", text: "a: b" });
    expect(parse(errorFrame(""))).toEqual({ kind: "error", text: "" });
    for (const text of ["", "{}", "end", `${endFrame} `, "\u001e", "\u001eerror", "\u001epause"]) {
      expect([text, parse(text)]).toEqual([text, undefined]);
    }
  });

  test("looksLikeControl() is true for all that begins as one", () => {
    expect(looksLikeControl(Buffer.from("\u001epause"))).toBe(true);
    expect(looksLikeControl(new Uint8Array(0))).toBe(false);
  });
});

describe("errorTextOf()", () => {
  test("is read back by errorFromText(), but for metadata, details and causes", () => {
    const cause = new Error("secret");
    const error = badRequest("R_1", "a reason = b metadata = c\nd", {
      metadata: { k: "v" },
      cause,
    });
    const text = errorTextOf(error);
    expect(text).not.toContain("secret");
    expect(errorFromText(text)).toMatchObject({
      code: 400,
      reason: "R_1",
      message: "a reason = b metadata = c\nd",
      metadata: {},
    });
    expect(errorFromText(errorTextOf(new KratosError("")))).toMatchObject({
      code: 500,
      message: "",
    });
  });

  test("is the bare message of other errors", () => {
    expect(errorTextOf(new Error("boom"))).toBe("boom");
    expect(errorTextOf("thrown")).toBe("thrown");
  });
});

test("errorFromText() takes a text that is not quite Go's for the message", () => {
  for (const text of [
    "",
    "error: code = x",
    "error: code = 99999 reason =  message = m metadata = map[] cause = <nil>",
  ]) {
    expect(errorFromText(text)).toMatchObject({ code: 500, reason: "", message: text });
  }
});

test("errorFromText() takes no time over a text made to be slow", () => {
  const text = `error: code = 400 reason = r message = ${" metadata = map[".repeat(50_000)}`;
  const before = performance.now();
  expect(errorFromText(text).code).toBe(500);
  expect(errorFromText(`${text}] cause = `).code).toBe(400);
  expect(performance.now() - before).toBeLessThan(1000);
});

test("closeReason() cuts between characters", () => {
  expect(closeReason("short")).toBe("short");
  expect(closeReason("x".repeat(123))).toHaveLength(123);
  for (const char of ["é", "€", "😀"]) {
    for (const lead of ["", "a", "ab", "abc"]) {
      const cut = closeReason(lead + char.repeat(100));
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(123);
      expect(Buffer.byteLength(cut)).toBeGreaterThan(119);
      expect(cut.replaceAll(char, "")).toBe(lead);
    }
  }
});
