import { cgroupSource } from "./cgroup-source.ts";
import type { CpuSource } from "./cpu-source.ts";
import { eventLoopSource } from "./event-loop-source.ts";
import { hostSource } from "./host-source.ts";

export interface DefaultCpuSourceOptions {
  /** How many cores this process may use, where the operating system does not know of the limit. @default what the system says */
  readonly quotaCores?: number;
}

/**
 * Makes the source that limiters use: the busier of the container, or of the machine where there is none, and
 * of this thread. JavaScript runs on one core: a thread can be saturated on a machine that is nearly idle.
 * @throws {RangeError} If the quota is not more than 0.
 */
export function defaultCpuSource(options: DefaultCpuSourceOptions = {}): CpuSource {
  const { quotaCores } = options;
  if (quotaCores !== undefined && !(quotaCores > 0 && quotaCores < Infinity)) {
    throw new RangeError(
      `Cannot measure the CPU as 'quotaCores' must be more than 0: current value is ${quotaCores}`,
    );
  }
  const around = cgroupSource(options) ?? hostSource(options);
  const thread = eventLoopSource();
  return {
    read() {
      const outer = around.read();
      const inner = thread.read();
      if (outer === undefined || inner === undefined) return outer ?? inner;
      return Math.max(outer, inner);
    },
  };
}
