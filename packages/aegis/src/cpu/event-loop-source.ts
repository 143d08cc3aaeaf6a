import { type EventLoopUtilization, performance } from "node:perf_hooks";
import type { CpuSource } from "./cpu-source.ts";

/** Makes a source that measures this thread: the share of the time that its event loop did not wait. */
export function eventLoopSource(): CpuSource {
  let last: EventLoopUtilization | undefined;
  return {
    read() {
      const before = last;
      last = performance.eventLoopUtilization();
      if (before === undefined) return undefined;
      const { active, idle, utilization } = performance.eventLoopUtilization(last, before);
      return active + idle > 0 ? utilization : undefined;
    },
  };
}
