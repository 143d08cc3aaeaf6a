import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

const canPin = availableParallelism() > 1 && spawnSync("taskset", ["-V"]).status === 0;

/** The command on one core, where the machine can do that: servers on 0, load on 1. */
export function pinned(
  core: number,
  command: string,
  ...args: readonly string[]
): [string, ...string[]] {
  return canPin ? ["taskset", "-c", String(core), command, ...args] : [command, ...args];
}
