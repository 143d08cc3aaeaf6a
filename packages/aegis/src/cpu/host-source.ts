import { cpus } from "node:os";
import type { CpuSource } from "./cpu-source.ts";

export interface HostSourceOptions {
  /** How many cores this process may use. @default all */
  readonly quotaCores?: number;
}

/** Makes a source that measures the whole machine, whatever its operating system is. */
export function hostSource(options: HostSourceOptions = {}): CpuSource {
  let last: Times | undefined;
  return {
    read() {
      const before = last;
      const { cores, ...now } = timesOf();
      last = now;
      if (before === undefined || now.all <= before.all) return undefined;
      const busy = (now.busy - before.busy) / (now.all - before.all);
      return (busy * cores) / (options.quotaCores ?? cores);
    },
  };
}

interface Times {
  readonly busy: number;
  readonly all: number;
}

function timesOf(): Times & { readonly cores: number } {
  const cores = cpus();
  let busy = 0;
  let idle = 0;
  for (const { times } of cores) {
    busy += times.user + times.nice + times.sys + times.irq;
    idle += times.idle;
  }
  return { busy, all: busy + idle, cores: cores.length };
}
