import { describe, expect, it } from "vitest";
import { RollingCounter } from "./index.ts";
import vectors from "./testdata/rolling-window.json" with { type: "json" };

function counter(buckets: number, bucketMs: number) {
  const clock = { now: 0 };
  return { clock, window: new RollingCounter({ buckets, bucketMs, now: () => clock.now }) };
}

describe("RollingCounter, as Go does it", () => {
  it.each(vectors.cases)("$name", ({ input, expected }) => {
    const { clock, window } = counter(input.size, input.bucketMs);
    for (const { at, value } of input.adds) {
      clock.now = at;
      window.add(value);
    }
    clock.now = input.readAt;
    expect(window.buckets()).toEqual(expected.buckets);
    const sums = expected.buckets.map(({ sum }) => sum);
    const counts = expected.buckets.map(({ count }) => count);
    expect(window.total()).toEqual({ sum: added(sums), count: added(counts) });
  });
});

function added(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

describe("RollingCounter", () => {
  it("counts the bucket being filled as complete once its time is over", () => {
    const { clock, window } = counter(3, 100);
    window.add(7);
    clock.now = 99;
    expect(window.completeBuckets().map(({ sum }) => sum)).toEqual([0, 0]);
    clock.now = 100;
    expect(window.completeBuckets().map(({ sum }) => sum)).toEqual([0, 7]);
  });

  it("keeps its buckets where they began, however late it is added to", () => {
    const { clock, window } = counter(3, 100);
    clock.now = 150;
    window.add(1);
    clock.now = 199;
    window.add(1);
    clock.now = 200;
    window.add(1);
    expect(window.buckets().map(({ count }) => count)).toEqual([0, 2, 1]);
  });

  it("forgets all after a pause as long as the window", () => {
    const { clock, window } = counter(3, 100);
    for (const at of [0, 100, 200]) {
      clock.now = at;
      window.add(1);
    }
    clock.now = 1_000_000_000;
    window.add(5);
    expect(window.buckets().map(({ sum }) => sum)).toEqual([0, 0, 5]);
  });

  it("begins anew when the clock has gone back by a bucket", () => {
    const { clock, window } = counter(3, 100);
    clock.now = 250;
    window.add(1);
    clock.now = -500;
    window.add(2);
    expect(window.total()).toEqual({ sum: 2, count: 1 });
    clock.now = -400;
    window.add(3);
    expect(window.buckets().map(({ sum }) => sum)).toEqual([0, 2, 3]);
  });

  it("goes on in the bucket when the clock has gone back by less", () => {
    const { clock, window } = counter(3, 100);
    window.add(1);
    clock.now = -99;
    window.add(2);
    expect(window.total()).toEqual({ sum: 3, count: 2 });
  });

  it("never has more than was added within the window, whatever the times are", () => {
    const { clock, window } = counter(4, 10);
    const adds: number[] = [];
    for (let step = 1; step < 500; step += 1) {
      clock.now += (step * 7919) % 23;
      window.add(1);
      adds.push(clock.now);
      const { count } = window.total();
      expect(count).toBeGreaterThanOrEqual(adds.filter((at) => at > clock.now - 30).length);
      expect(count).toBeLessThanOrEqual(adds.filter((at) => at > clock.now - 40).length);
    }
  });

  it.each([
    [{ buckets: 0 }, "'buckets' must be an integer from 1 to 65536: current value is 0"],
    [{ buckets: 1.5 }, "'buckets' must be an integer from 1 to 65536: current value is 1.5"],
    [{ buckets: 1e9 }, "'buckets' must be an integer from 1 to 65536: current value is 1000000000"],
    [{ bucketMs: 0 }, "'bucketMs' must be more than 0: current value is 0"],
    [{ bucketMs: Number.NaN }, "'bucketMs' must be more than 0: current value is NaN"],
    [{ bucketMs: Infinity }, "'bucketMs' must be more than 0: current value is Infinity"],
  ])("refuses %j", (options, message) => {
    expect(() => new RollingCounter(options)).toThrow(
      new RangeError(`Cannot count in a window as ${message}`),
    );
  });
});
