import { limitOf } from "./cgroup-v1.ts";
import { type Cgroup, cgroupRoot, type ReadText } from "./cgroup.ts";
import { parseCount } from "./parse-count.ts";
import { parseCpuList } from "./parse-cpu-list.ts";

/** Makes the reader of version 2: one directory, whose root is the container's own. */
export function cgroupV2(read: ReadText): Cgroup {
  const cpus = (): readonly number[] => parseCpuList(read(`${cgroupRoot}/cpuset.cpus.effective`));
  return {
    usageNs: () => usageOf(read(`${cgroupRoot}/cpu.stat`)),
    cores: () => cpus().length,
    cpus,
    limit() {
      const [quota = "", period = ""] = read(`${cgroupRoot}/cpu.max`).trim().split(/\s+/);
      return quota === "max" ? undefined : limitOf(quota, period);
    },
  };
}

function usageOf(stat: string): number {
  const used = /^usage_usec[ \t]+(\S+)/m.exec(stat)?.[1];
  if (used !== undefined) return parseCount(used) * 1000;
  throw new RangeError(
    `Cannot read CPU time as cpu.stat must have usage_usec: current value is "${stat.slice(0, 64)}"`,
  );
}
