import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Deadline, onDeadline } from "./index.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
});

describe("onDeadline()", () => {
  it("fires within a tick after the deadline, never before", () => {
    const fired: number[] = [];
    const start = Date.now();
    for (const afterMs of [1, 50, 999, 5000])
      onDeadline(start + afterMs, () => fired.push(Date.now() - start - afterMs));
    vi.advanceTimersByTime(6000);
    expect(fired).toHaveLength(4);
    for (const lateMs of fired) {
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThanOrEqual(9);
    }
  });

  it("is late by a thousandth or two of a long way at most", () => {
    const hourMs = 3_600_000;
    const start = Date.now();
    let lateMs = -1;
    onDeadline(start + hourMs, () => (lateMs = Date.now() - start - hourMs));
    vi.advanceTimersByTime(hourMs * 1.01);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(hourMs / 400);
  });

  it("forgets what is canceled, also from the callback of another", () => {
    const fired: string[] = [];
    const at = Date.now() + 20;
    onDeadline(at, () => fired.push("dropped")).cancel();
    const others: Deadline[] = [];
    onDeadline(at, () => {
      fired.push("first");
      for (const other of others) other.cancel();
      onDeadline(Date.now() + 10, () => fired.push("later"));
    });
    others.push(onDeadline(at, () => fired.push("second")));
    vi.advanceTimersByTime(100);
    expect(fired).toEqual(["first", "later"]);
    others[0]?.cancel();
  });

  it("never fires for Infinity, and in time for the others", () => {
    const fired: string[] = [];
    onDeadline(Date.now() + 50, () => fired.push("before"));
    const never = [Infinity, Number.NaN].map((at) => onDeadline(at, () => fired.push("never")));
    onDeadline(Date.now() + 40, () => fired.push("after"));
    vi.advanceTimersByTime(100);
    expect(fired).toEqual(["after", "before"]);
    for (const deadline of never) deadline.cancel();
  });

  it("counts deadlines beyond what a timer can", () => {
    let fired = false;
    const yearMs = 365 * 24 * 3_600_000;
    const deadline = onDeadline(Date.now() + yearMs, () => (fired = true));
    vi.advanceTimersByTime(1000);
    expect(fired).toBe(false);
    deadline.cancel();
  });

  it("fires at once for a deadline that has passed", () => {
    let fired = false;
    onDeadline(Date.now() - 1000, () => (fired = true));
    vi.advanceTimersByTime(1);
    expect(fired).toBe(true);
  });

  it("fires deadlines in their order, whatever the order they were set in", () => {
    const fired: number[] = [];
    const delaysMs = Array.from({ length: 200 }, (_, index) => ((index * 7919) % 1009) * 10);
    for (const delayMs of delaysMs) onDeadline(Date.now() + delayMs, () => fired.push(delayMs));
    vi.advanceTimersByTime(11_000);
    expect(fired).toEqual(delaysMs.toSorted((a, b) => a - b));
  });
});
