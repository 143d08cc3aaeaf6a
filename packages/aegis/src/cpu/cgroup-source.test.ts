import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { cgroupSource, openCgroup, parseCpuList, type ReadText } from "./index.ts";
import vectors from "./testdata/cgroup-cpu.json" with { type: "json" };

type Files = Readonly<Record<string, string>>;

interface Vector {
  readonly name: string;
  readonly input: {
    readonly version: number;
    readonly op: string;
    readonly files?: Files;
    readonly text?: string;
  } & Readonly<Record<"preTotal" | "total" | "preSystem" | "system" | "cores" | "quota", number>>;
  readonly expected: {
    readonly value?: number | readonly number[];
    readonly noLimit?: boolean;
    readonly error?: boolean;
  };
}

function reader(files: Files): ReadText {
  return (path) => {
    const text = files[basename(path)];
    if (text === undefined) throw new Error(`no ${path}`);
    return text;
  };
}

function groupOf({ version, files = {} }: Vector["input"]) {
  return openCgroup(reader(version === 2 ? { "cgroup.controllers": "cpu", ...files } : files));
}

const statOf = (systemNs: number): string =>
  `cpu  ${Math.ceil(systemNs / 1e7)} 0 0 0 0 0 0 0 9 9\ncpu0 1 1`;

const ops: Readonly<Record<string, (input: Vector["input"]) => unknown>> = {
  // The quota alone is nobody's business: seen through the limit that it is with a period of a millisecond.
  quota: (input) => {
    const limit = groupOf({ ...input, files: { ...input.files, "cpu.cfs_period_us": "1000" } });
    const cores = limit.limit();
    return cores === undefined ? undefined : cores * 1000;
  },
  limit: (input) => groupOf(input).limit(),
  usageNs: (input) => groupOf(input).usageNs(),
  perCpu: (input) => groupOf(input).cores(),
  cpuset: (input) => groupOf(input).cpus(),
  cores: (input) => groupOf(input).cores(),
  parseList: ({ text = "" }) => parseCpuList(text),
  usage({ preTotal, total, preSystem, system, cores, quota }) {
    const files: Record<string, string> = {
      "cpuacct.usage": String(preTotal),
      stat: statOf(preSystem),
      "cpuset.cpus": `0-${quota - 1}`,
    };
    const source = cgroupSource({ read: (path) => reader(files)(path), cores });
    files["cpuacct.usage"] = String(total);
    files["stat"] = statOf(system);
    return (source?.read() ?? Number.NaN) * 1000;
  },
};

describe("the control group, as Go reads it", () => {
  // The file is a list of one shape; the compiler sees a union of each line's.
  for (const { name, input, expected } of vectors.cases as unknown as readonly Vector[]) {
    it(name, () => {
      const read = (): unknown => ops[input.op]?.(input);
      if (expected.error === true) return expect(read).toThrow(RangeError);
      // How much each core was used is nobody's business: only how many were.
      const { value } = expected;
      const wanted = input.op === "perCpu" && Array.isArray(value) ? value.length : value;
      expect(read()).toEqual(wanted);
    });
  }
});

const v2: Files = {
  "cgroup.controllers": "cpuset cpu",
  "cpu.stat": "usage_usec 0",
  "cpu.max": "max 100000",
  "cpuset.cpus.effective": "0-7",
  stat: statOf(0),
};

/** What a source says after a second in which the group used so much of eight cores. */
function usedIn(files: Files, usedUs: number, options: { readonly quotaCores?: number } = {}) {
  let now: Files = { ...v2, ...files };
  const source = cgroupSource({ ...options, cores: 8, read: (path) => reader(now)(path) });
  now = { ...now, "cpu.stat": `usage_usec ${usedUs}`, stat: statOf(8e9) };
  return { ratio: source?.read(), source, change: (more: Files) => (now = { ...now, ...more }) };
}

describe("cgroupSource()", () => {
  it("measures the use of all cores where there is no limit", () => {
    expect(usedIn({}, 4_000_000).ratio).toBeCloseTo(0.5);
  });

  it("measures the use of what the limit allows", () => {
    expect(usedIn({ "cpu.max": "200000 100000" }, 1_000_000).ratio).toBeCloseTo(0.5);
    expect(usedIn({ "cpuset.cpus.effective": "0,5" }, 1_000_000).ratio).toBeCloseTo(0.5);
  });

  it("measures the use of the quota it is given before that of its own", () => {
    const files = { "cpu.max": "200000 100000" };
    expect(usedIn(files, 1_000_000, { quotaCores: 4 }).ratio).toBeCloseTo(0.25);
  });

  it("takes all cores where files of the limit are missing or broken", () => {
    const broken = { "cpu.max": "nonsense", "cpuset.cpus.effective": "3-1" };
    expect(usedIn(broken, 4_000_000).ratio).toBeCloseTo(0.5);
  });

  it("follows a limit that is changed while it runs", () => {
    const { source, change } = usedIn({}, 0);
    change({ "cpu.max": "100000 100000", "cpu.stat": "usage_usec 500000", stat: statOf(16e9) });
    expect(source?.read()).toBeCloseTo(0.5);
  });

  it("cannot tell while the files cannot be read", () => {
    const { source, change } = usedIn({}, 0);
    change({ stat: "cpu 1 2 3" });
    expect(source?.read()).toBeUndefined();
    change({ "cpu.stat": "usage_usec 8000000", stat: statOf(16e9) });
    expect(source?.read()).toBeCloseTo(1);
  });

  it("finds the controllers of version 1 mounted together", () => {
    const files: Files = {
      "/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage": "7",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "150000",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
    };
    const group = openCgroup((path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no ${path}`);
      return text;
    });
    expect([group.usageNs(), group.limit()]).toEqual([7, 1.5]);
  });

  it("is not there where there are no control groups", () => {
    expect(cgroupSource({ read: reader({}) })).toBeUndefined();
  });
});

describe("parseCpuList()", () => {
  it.each(["a", "1-", "-1", "1-2-3", "1,,2", "0-99999999", "1e3"])("refuses %j", (text) => {
    expect(() => parseCpuList(text)).toThrow(RangeError);
  });
});
