import { describe, expect, test } from "vitest";
import { formatGrpcTimeout, parseGrpcTimeout } from "./grpc-timeout.ts";

describe("parseGrpcTimeout()", () => {
  test.each([
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["3S", 3000],
    ["4m", 4],
    ["5000u", 5],
    ["6000000n", 6],
    ["99999999S", 99_999_999_000],
    ["0m", 0],
  ])("parseGrpcTimeout() reads %s", (text, timeoutMs) => {
    expect(parseGrpcTimeout(text)).toBeCloseTo(timeoutMs);
  });

  test.each(["", "1", "m", "-1m", "1.5S", "100000000m", "1s", " 1m", "1m ", "1H1M"])(
    "parseGrpcTimeout() refuses %j",
    (text) => {
      expect(parseGrpcTimeout(text)).toBeUndefined();
    },
  );
});

describe("formatGrpcTimeout()", () => {
  test.each([
    [500, "500m"],
    [0.2, "1m"],
    [0, "1n"],
    [-5, "1n"],
    [99_999_999, "99999999m"],
    [100_000_001, "100001S"],
    [1e12, "16666667M"],
    [1e15, "99999999H"],
    [Infinity, "99999999H"],
  ])("formatGrpcTimeout() writes %d ms", (timeoutMs, text) => {
    expect(formatGrpcTimeout(timeoutMs)).toBe(text);
  });
});
