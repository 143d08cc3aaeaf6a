/**
 * The CPU time of a container, from the files of its control group and of the kernel:
 * used / (cores of time that passed) * cores / (cores that it may use).
 *
 * After go-kratos/aegis internal/cpu. Different on purpose: what the group may use is read again each time, as it
 * can be changed while a pod runs; where the CPU set is not told, it is all cores; and an idle sample counts,
 * where Go keeps the last busy one.
 */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { cgroupV1 } from "./cgroup-v1.ts";
import { cgroupV2 } from "./cgroup-v2.ts";
import { type Cgroup, cgroupRoot, type ReadText } from "./cgroup.ts";
import type { CpuSource } from "./cpu-source.ts";
import { parseCount } from "./parse-count.ts";

export interface CgroupSourceOptions {
  /** How many cores the group may use, whatever its limits say. @default what its limits say */
  readonly quotaCores?: number;
  /** How many cores the machine has. @default {os.cpus().length} */
  readonly cores?: number;
  /** Reads a file of the kernel. @default {readFileSync} */
  readonly read?: ReadText;
}

/** Makes a source that measures this process's container; undefined where there are no control groups. */
export function cgroupSource(options: CgroupSourceOptions = {}): CpuSource | undefined {
  const read = options.read ?? readText;
  const group = openCgroup(read);
  const last = tried(() => measure(group, read));
  return last && new GroupSource({ group, read, last, options });
}

/** Answers the control groups of this machine, of whichever version they are. */
export function openCgroup(read: ReadText): Cgroup {
  const isV2 = tried(() => read(`${cgroupRoot}/cgroup.controllers`)) !== undefined;
  return isV2 ? cgroupV2(read) : cgroupV1(read);
}

/** Since the machine was started. */
interface Measure {
  readonly usedNs: number;
  readonly systemNs: number;
}

interface SourceParts {
  readonly group: Cgroup;
  readonly read: ReadText;
  readonly last: Measure;
  readonly options: CgroupSourceOptions;
}

class GroupSource implements CpuSource {
  readonly #parts: SourceParts;
  readonly #cores: number;
  #last: Measure;

  constructor(parts: SourceParts) {
    const { group, last, options } = parts;
    this.#parts = parts;
    this.#last = last;
    const cores = options.cores ?? cpus().length;
    this.#cores = cores > 0 ? cores : Math.max(1, tried(() => group.cores()) ?? 1);
  }

  read(): number | undefined {
    const { group, read } = this.#parts;
    const before = this.#last;
    const now = tried(() => measure(group, read));
    if (now === undefined) return undefined;
    this.#last = now;
    const passedNs = now.systemNs - before.systemNs;
    if (passedNs <= 0) return 0;
    return ((now.usedNs - before.usedNs) * this.#cores) / (passedNs * this.#quota());
  }

  /** The size of the CPU set, or the limit of time where that is less. */
  #quota(): number {
    const { group, options } = this.#parts;
    if (options.quotaCores !== undefined) return options.quotaCores;
    const allowed = tried(() => group.cpus())?.length ?? 0;
    const set = allowed > 0 ? allowed : this.#cores;
    return Math.min(set, tried(() => group.limit()) ?? set);
  }
}

function measure(group: Cgroup, read: ReadText): Measure {
  return { usedNs: group.usageNs(), systemNs: systemNsOf(read("/proc/stat")) };
}

/** Ticks of 10 ms: the kernel shows them so to programs, whatever it counts in itself. */
const tickNs = 1e7;

/** The time of all cores, busy and idle. */
function systemNsOf(stat: string): number {
  const line = /^cpu((?:[ \t]+\d+){7})/m.exec(stat)?.[1] ?? "";
  const ticks = line.trim().split(/\s+/).map(parseCount);
  return ticks.reduce((sum, each) => sum + each, 0) * tickNs;
}

function readText(path: string): string {
  return readFileSync(path, "utf8");
}

function tried<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
