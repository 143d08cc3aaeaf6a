import { describe, expect, it } from "vitest";
import { SreBreaker, type SreBreakerOptions } from "./index.ts";
import vectors from "./testdata/sre-breaker.json" with { type: "json" };

interface Marks {
  readonly success: number;
  readonly failed: number;
}

function breaker(options: SreBreakerOptions, { success, failed }: Marks): SreBreaker {
  const made = new SreBreaker({ now: () => 0, ...options });
  for (let count = success; count > 0; count -= 1) made.markSuccess();
  for (let count = failed; count > 0; count -= 1) made.markFailed();
  return made;
}

describe("SreBreaker, as Go does it", () => {
  it.each(vectors.cases)("$name", ({ input, expected }) => {
    const { k, request, random } = input;
    const options = { failureRatio: 1 - 1 / k, minRequests: request, random: () => random };
    const made = breaker(options, input);
    expect(made.allow()).toBe(expected.allow);
    const { isOpen, dropRatio, total, successes } = made.statistics();
    expect(isOpen ? "open" : "closed").toBe(expected.state);
    expect(dropRatio).toBeCloseTo(expected.dropRatio, 12);
    expect([successes, total]).toEqual([input.success, input.success + input.failed]);
  });
});

describe("SreBreaker", () => {
  it("draws only where chance decides", () => {
    const random = (): number => {
      throw new Error("drawn");
    };
    expect(breaker({ random }, { success: 0, failed: 19 }).allow()).toBe(true);
    expect(breaker({ random }, { success: 10, failed: 10 }).allow()).toBe(true);
    expect(() => breaker({ random }, { success: 9, failed: 11 }).allow()).toThrow("drawn");
  });

  it("lets all calls through again once the failures have left the window", () => {
    let now = 0;
    const made = breaker({ now: () => now, random: () => 0 }, { success: 0, failed: 1000 });
    expect(made.allow()).toBe(false);
    now = 2999;
    expect(made.allow()).toBe(false);
    now = 3000;
    expect(made.allow()).toBe(true);
  });

  it("comes back by the successes of the calls that chance lets through", () => {
    let now = 0;
    let draws = 0;
    const random = (): number => (draws = (draws + 0.381966) % 1);
    const made = breaker({ now: () => now, random }, { success: 0, failed: 100 });
    const refusedIn = (calls: number): number => {
      let refused = 0;
      for (let call = 0; call < calls; call += 1) {
        now += 10;
        if (made.allow()) made.markSuccess();
        else {
          made.markFailed();
          refused += 1;
        }
      }
      return refused;
    };
    expect(refusedIn(100)).toBeGreaterThan(80);
    refusedIn(2000);
    expect(refusedIn(300)).toBe(0);
  });

  it("with no share of failures refuses from the first one on", () => {
    const options = { failureRatio: 0, minRequests: 1, random: () => 0 };
    expect(breaker(options, { success: 99, failed: 0 }).allow()).toBe(true);
    expect(breaker(options, { success: 99, failed: 1 }).allow()).toBe(false);
  });

  it.each([
    [{ failureRatio: 1 }, "'failureRatio' must be 0 to less than 1: current value is 1"],
    [{ failureRatio: -0.1 }, "'failureRatio' must be 0 to less than 1: current value is -0.1"],
    [{ minRequests: -1 }, "'minRequests' must be an integer from 0: current value is -1"],
    [{ minRequests: 2.5 }, "'minRequests' must be an integer from 0: current value is 2.5"],
    [{ windowMs: 0 }, "'windowMs' must be more than 0: current value is 0"],
  ])("refuses %j", (options, message) => {
    expect(() => new SreBreaker(options)).toThrow(new RangeError(`Cannot break as ${message}`));
  });

  it("refuses a window without buckets", () => {
    expect(() => new SreBreaker({ buckets: 0 })).toThrow(RangeError);
  });
});
