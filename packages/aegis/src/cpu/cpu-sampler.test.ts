import { describe, expect, it } from "vitest";
import {
  type CpuSource,
  CpuSampler,
  defaultCpuSource,
  eventLoopSource,
  hostSource,
  sharedCpuSampler,
} from "./index.ts";

/** A sampler whose clock and CPU a test sets. */
class Bench {
  now = 0;
  ratio: number | undefined = 1;
  reads = 0;
  readonly #source: CpuSource = {
    read: () => {
      this.reads += 1;
      return this.ratio;
    },
  };
  readonly #sampler: CpuSampler = new CpuSampler({ source: this.#source, now: () => this.now });

  after(passedMs: number): number {
    this.now += passedMs;
    return this.#sampler.usageRatio();
  }
}

describe("CpuSampler", () => {
  it("is 0 until there is a sample, and reads its source when it is first asked", () => {
    const bench = new Bench();
    expect(bench.reads).toBe(0);
    expect(bench.after(10_000)).toBe(0);
    expect(bench.reads).toBe(1);
  });

  it("samples twice a second however often it is asked", () => {
    const bench = new Bench();
    for (let asked = 0; asked <= 1000; asked += 1) bench.after(asked === 0 ? 0 : 10);
    expect(bench.reads).toBe(1 + 20);
  });

  it("makes up for the samples that it has missed", () => {
    const often = new Bench();
    const seldom = new Bench();
    often.after(0);
    seldom.after(0);
    for (let step = 0; step < 9; step += 1) often.after(500);
    expect(seldom.after(4999)).toBe(often.after(499));
    expect(seldom.after(1)).toBe(often.after(1));
  });

  it("settles below a constant use, by Go's arithmetic", () => {
    const bench = new Bench();
    bench.after(0);
    expect(bench.after(3_600_000)).toBe(0.981);
  });

  it("goes down to 0 when the CPU is idle", () => {
    const bench = new Bench();
    bench.after(0);
    expect(bench.after(20_000)).toBeGreaterThan(0.8);
    bench.ratio = 0;
    expect(bench.after(60_000)).toBe(0);
  });

  it("takes what is more than all for all, and keeps its average while nobody can tell", () => {
    const bench = new Bench();
    bench.after(0);
    bench.ratio = 25;
    expect(bench.after(500)).toBe(0.05);
    for (const ratio of [undefined, Number.NaN]) {
      bench.ratio = ratio;
      expect(bench.after(500)).toBe(0.05);
    }
  });

  it("goes on when its clock goes back", () => {
    const bench = new Bench();
    bench.after(1000);
    bench.after(-900);
    expect(bench.after(499)).toBe(0);
    expect(bench.after(1)).toBe(0.05);
  });

  it("is shared by those who ask for the shared one", () => {
    expect(sharedCpuSampler()).toBe(sharedCpuSampler());
  });
});

/** Waits until the clock of the process has moved, working or not. */
async function pass(work: boolean): Promise<void> {
  const endMs = performance.now() + 30;
  while (performance.now() < endMs) {
    if (!work) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("eventLoopSource()", () => {
  it("measures how much of the time this thread worked", async () => {
    const source = eventLoopSource();
    expect(source.read()).toBeUndefined();
    await pass(true);
    const busy = source.read();
    await pass(false);
    const idle = source.read();
    expect(busy).toBeGreaterThan(0.9);
    expect(idle).toBeLessThan(0.9);
  });
});

describe("hostSource()", () => {
  it("measures the machine", async () => {
    const source = hostSource();
    expect(source.read()).toBeUndefined();
    let ratio: number | undefined;
    while (ratio === undefined || ratio === 0) {
      await pass(true);
      ratio = source.read();
    }
    expect(ratio).toBeGreaterThan(0);
    expect(ratio).toBeLessThanOrEqual(1);
  });
});

describe("defaultCpuSource()", () => {
  it("is as busy as the thread on a machine that is not", async () => {
    const source = defaultCpuSource({ quotaCores: 1e6 });
    source.read();
    await pass(true);
    expect(source.read()).toBeGreaterThan(0.9);
  });

  it.each([0, -1, Number.NaN, Infinity])("refuses a quota of %d cores", (quotaCores) => {
    expect(() => defaultCpuSource({ quotaCores })).toThrow(
      new RangeError(
        `Cannot measure the CPU as 'quotaCores' must be more than 0: current value is ${quotaCores}`,
      ),
    );
  });
});
