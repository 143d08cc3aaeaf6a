import { describe, expect, test } from "vitest";
import { Backoff } from "./backoff.ts";

describe("Backoff", () => {
  test("Backoff grows by 1.6 from 1 s to 120 s, and begins anew after a success", () => {
    const backoff = new Backoff({ now: () => 0, random: () => 0.5 });
    expect(backoff.remainingMs).toBe(0);
    const pauses = Array.from({ length: 12 }, () => {
      backoff.failed();
      return Math.round(backoff.remainingMs);
    });
    expect(pauses.slice(0, 4)).toEqual([1000, 1600, 2560, 4096]);
    expect(pauses.at(-1)).toBe(120_000);
    backoff.succeeded();
    expect(backoff.remainingMs).toBe(0);
    backoff.failed();
    expect(backoff.remainingMs).toBe(1000);
  });

  test("Backoff spreads each pause by 20 %, and lets it pass", () => {
    let now = 0;
    let random = 0;
    const backoff = new Backoff({ now: () => now, random: () => random });
    backoff.failed();
    expect(backoff.remainingMs).toBeCloseTo(800);
    backoff.succeeded();
    random = 1;
    backoff.failed();
    expect(backoff.remainingMs).toBeCloseTo(1200);
    now = 1300;
    expect(backoff.remainingMs).toBe(0);
  });
});
