import { create, toJson } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { assert, bigInt, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { timestampText } from "./timestamp-text.ts";

const seconds = bigInt({ min: -62_135_596_800n, max: 253_402_300_799n });

test("timestampText() writes what the library writes, whatever the time", () => {
  assert(
    property(seconds, integer({ min: 0, max: 999_999_999 }), (whole, nanos) => {
      const time = create(TimestampSchema, { seconds: whole, nanos });
      expect(timestampText(time)).toBe(toJson(TimestampSchema, time));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  [-62_135_596_800n, 0, "0001-01-01T00:00:00Z"],
  [-1n, 999_999_999, "1969-12-31T23:59:59.999999999Z"],
  [951_782_400n, 120_000_000, "2000-02-29T00:00:00.120Z"],
  [4_107_542_399n, 1000, "2100-02-28T23:59:59.000001Z"],
  [253_402_300_799n, 0, "9999-12-31T23:59:59Z"],
])("timestampText() of %s s and %s ns is %s", (whole, nanos, text) => {
  expect(timestampText({ seconds: whole, nanos })).toBe(text);
});

test("timestampText() refuses times outside of the years 1 to 9999", () => {
  expect(() => timestampText({ seconds: 253_402_300_800n, nanos: 0 })).toThrow(RangeError);
  expect(() => timestampText({ seconds: 0n, nanos: 1_000_000_000 })).toThrow(/1000000000 ns/);
  expect(() => timestampText({ seconds: 0n, nanos: -1 })).toThrow(RangeError);
});
