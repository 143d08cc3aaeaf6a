import { describe, expect, it } from "vitest";
import { BbrLimiter, type BbrLimiterOptions, type Done } from "./index.ts";
import vectors from "./testdata/bbr.json" with { type: "json" };
import { CpuSampler } from "../cpu/index.ts";

/** A limiter whose clock and CPU a test sets. Ten buckets a second. */
class Bench {
  now = 0;
  cpu = 0;
  readonly limiter: BbrLimiter;

  constructor(options: BbrLimiterOptions = {}) {
    const window = { windowMs: 60_000, buckets: 600 };
    const clocks = { now: () => this.now, cpu: () => this.cpu };
    this.limiter = new BbrLimiter({ ...window, ...clocks, ...options });
  }

  begin(count: number): readonly Done[] {
    return Array.from({ length: count }, () => this.limiter.allow()).filter(
      (done) => done !== undefined,
    );
  }

  /** So many requests at a time that take so long. */
  answer(count: number, tookMs: number): void {
    const all = this.begin(count);
    this.now += tookMs;
    for (const done of all) done();
  }

  /** Answers in the next bucket, and moves on to the one after it. */
  fill(act: () => void, bucketMs = 100): void {
    this.now = (Math.floor(this.now / bucketMs) + 1) * bucketMs;
    act();
    this.now = (Math.floor(this.now / bucketMs) + 1) * bucketMs;
  }
}

type Input = Readonly<Record<string, number | null | readonly number[] | string>>;

const numbersIn = (input: Input, name: string): readonly number[] => {
  const value = input[name];
  return Array.isArray(value) ? (value as readonly number[]) : [];
};

/** What makes a limit of so many at ten buckets a second: answers in a bucket, and milliseconds for each. */
const loads: ReadonlyMap<unknown, readonly [number, number]> = new Map([
  [60, [1000, 6]],
  [1, [100, 1]],
  [0, [1, 1]],
]);

const ops: Readonly<Record<string, (input: Input) => object>> = {
  maxInFlight({ maxPass, minRt, bucketsPerSecond }) {
    const bucketMs = 1000 / Number(bucketsPerSecond);
    const bench = new Bench({ windowMs: bucketMs * 10, buckets: 10 });
    bench.fill(() => bench.answer(Number(maxPass), Number(minRt)), bucketMs);
    const statistics = bench.limiter.statistics();
    expect(statistics).toMatchObject({ maxPass, minRtMs: minRt });
    return { value: statistics.maxInFlight };
  },
  maxPass(input) {
    const bench = new Bench();
    for (const count of numbersIn(input, "completeBuckets")) {
      bench.fill(() => bench.answer(count, 1));
    }
    bench.answer(Number(input["openBucket"] ?? 0), 1);
    return { value: bench.limiter.statistics().maxPass };
  },
  minRt(input) {
    const bench = new Bench();
    for (const average of numbersIn(input, "bucketAverages")) {
      bench.fill(() => {
        bench.answer(1, Math.floor(average));
        bench.answer(1, average - Math.floor(average) + average);
      });
    }
    return { value: bench.limiter.statistics().minRtMs };
  },
  shouldDrop({ cpu, threshold, inflight, maxInFlight, sinceDropMs }) {
    const bench = new Bench({ cpuThresholdRatio: Number(threshold) / 1000 });
    const [pass, rtMs] = loads.get(maxInFlight) ?? [Number.NaN, Number.NaN];
    bench.fill(() => bench.answer(pass, rtMs));
    expect(bench.begin(Number(inflight))).toHaveLength(Number(inflight));
    if (sinceDropMs !== null) {
      bench.cpu = 1;
      expect(bench.limiter.allow()).toBeUndefined();
      bench.now += Number(sinceDropMs);
    }
    bench.cpu = Number(cpu) / 1000;
    const { maxInFlight: limit, droppingMs: before } = bench.limiter.statistics();
    expect(limit).toBe(maxInFlight);
    const drop = bench.limiter.allow() === undefined;
    const { droppingMs } = bench.limiter.statistics();
    if (droppingMs === before) return { drop, dropping: "keep" };
    return { drop, dropping: droppingMs === undefined ? "clear" : "start" };
  },
  cpuEma(input) {
    // There is no way to begin elsewhere than at 0.
    expect(input["prev"]).toBe(0);
    let now = 0;
    const samples = [...numbersIn(input, "samples")];
    // The first reading is where measuring begins.
    const readings = [undefined, ...samples.map((sample) => sample / 1000)];
    const sampler = new CpuSampler({ source: { read: () => readings.shift() }, now: () => now });
    sampler.usageRatio();
    return {
      values: samples.map(() => {
        now += 500;
        return sampler.usageRatio() * 1000;
      }),
    };
  },
};

describe("BbrLimiter, as Go does it", () => {
  // The file is a list of one shape; the compiler sees a union of each line's.
  for (const { name, input, expected } of vectors.cases as unknown as readonly {
    readonly name: string;
    readonly input: Input;
    readonly expected: object;
  }[]) {
    it(name, () => {
      expect(ops[String(input["op"])]?.(input)).toEqual(expected);
    });
  }
});

describe("BbrLimiter", () => {
  it("lets two requests in at a time, whatever the CPU does", () => {
    const bench = new Bench();
    bench.cpu = 1;
    expect(bench.begin(5)).toHaveLength(2);
    expect(bench.limiter.statistics().inFlight).toBe(2);
  });

  it("lets requests in while the CPU is not busy, and does not know how busy", () => {
    for (const cpu of [0.799, Number.NaN]) {
      const bench = new Bench();
      bench.cpu = cpu;
      expect(bench.begin(500)).toHaveLength(500);
    }
  });

  it("lets another one in for each that is over, once", () => {
    const bench = new Bench();
    bench.cpu = 1;
    const [first] = bench.begin(2);
    expect(bench.limiter.allow()).toBeUndefined();
    first?.();
    first?.(new Error("again"));
    expect(bench.limiter.statistics().inFlight).toBe(1);
    expect(bench.begin(3)).toHaveLength(1);
  });

  it("looks at its window once in the time of a bucket", () => {
    const bench = new Bench();
    bench.fill(() => bench.answer(50, 10));
    expect(bench.limiter.statistics().maxPass).toBe(50);
    bench.answer(80, 10);
    bench.now += 89;
    expect(bench.limiter.statistics().maxPass).toBe(50);
    bench.now += 1;
    expect(bench.limiter.statistics().maxPass).toBe(80);
  });

  it("forgets what its server could do a window ago", () => {
    const bench = new Bench({ windowMs: 1000, buckets: 10 });
    bench.fill(() => bench.answer(1000, 6));
    expect(bench.limiter.statistics().maxInFlight).toBe(60);
    bench.now += 1000;
    expect(bench.limiter.statistics()).toMatchObject({ maxInFlight: 0, maxPass: 1, minRtMs: 1 });
  });

  it("counts at least one bucket a second", () => {
    const bench = new Bench({ windowMs: 100_000, buckets: 10 });
    bench.fill(() => bench.answer(1000, 6), 10_000);
    expect(bench.limiter.statistics().maxInFlight).toBe(6);
  });

  it("asks the CPU of this thread when it is given none", () => {
    const { cpuRatio } = new BbrLimiter().statistics();
    expect(cpuRatio).toBeGreaterThanOrEqual(0);
    expect(cpuRatio).toBeLessThanOrEqual(1);
  });

  it.each([
    [{ windowMs: 0 }, "'windowMs' must be more than 0: current value is 0"],
    [{ windowMs: Number.NaN }, "'windowMs' must be more than 0: current value is NaN"],
    [{ cpuThresholdRatio: 800 }, "'cpuThresholdRatio' must be 0 to 1: current value is 800"],
    [{ cpuThresholdRatio: -1 }, "'cpuThresholdRatio' must be 0 to 1: current value is -1"],
  ])("refuses %j", (options, message) => {
    expect(() => new BbrLimiter(options)).toThrow(new RangeError(`Cannot limit as ${message}`));
  });

  it("refuses a window without buckets", () => {
    expect(() => new BbrLimiter({ buckets: 0 })).toThrow(RangeError);
  });
});
