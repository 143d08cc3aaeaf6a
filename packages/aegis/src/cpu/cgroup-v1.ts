import { type Cgroup, cgroupRoot, type ReadText } from "./cgroup.ts";
import { parseCount } from "./parse-count.ts";
import { parseCpuList } from "./parse-cpu-list.ts";

/** The two controllers of CPU time are one mount on most systems, with or without links of their own names. */
const joint = ["cpu,cpuacct", "cpuacct,cpu"];

/** Makes the reader of version 1: a directory a controller. */
export function cgroupV1(read: ReadText): Cgroup {
  return {
    usageNs: () => parseCount(readFirst(read, "cpuacct", "cpuacct.usage")),
    // CPUs that could be plugged in are listed too, and have never been used.
    cores: () =>
      readFirst(read, "cpuacct", "cpuacct.usage_percpu")
        .trim()
        .split(/\s+/)
        .filter((used) => parseCount(used) !== 0).length,
    cpus: () => parseCpuList(read(`${cgroupRoot}/cpuset/cpuset.cpus`)),
    limit() {
      const quota = readFirst(read, "cpu", "cpu.cfs_quota_us").trim();
      if (quota === "-1") return undefined;
      return limitOf(quota, readFirst(read, "cpu", "cpu.cfs_period_us"));
    },
  };
}

/**
 * Answers how many cores' worth of time a quota is.
 * @throws {RangeError} If a number is none, or the period has no length.
 */
export function limitOf(quotaUs: string, periodUs: string): number {
  const quota = parseCount(quotaUs);
  const period = parseCount(periodUs);
  if (quota > 0 && period > 0) return quota / period;
  throw new RangeError(
    `Cannot read a limit as quota and period must be more than 0: current value is ${quota}/${period}`,
  );
}

function readFirst(read: ReadText, controller: string, file: string): string {
  try {
    return read(`${cgroupRoot}/${controller}/${file}`);
  } catch (error) {
    for (const directory of joint) {
      const text = readIfThere(read, `${cgroupRoot}/${directory}/${file}`);
      if (text !== undefined) return text;
    }
    throw error;
  }
}

function readIfThere(read: ReadText, path: string): string | undefined {
  try {
    return read(path);
  } catch {
    return undefined;
  }
}
