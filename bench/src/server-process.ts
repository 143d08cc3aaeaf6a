import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pinned } from "./pinned.ts";

/** A server under test, in a process of its own on core 0. */
export interface ServerProcess {
  readonly port: number;
  /** User and system time so far, in microseconds. */
  cpuMicros(): number;
  rssBytes(): number;
  stop(): Promise<void>;
}

// Linux counts process times in ticks of 1/100 s (getconf CLK_TCK).
const microsPerTick = 10_000;

/** Starts servers/NAME.js and waits until it says where it listens. */
export async function startServer(module: string): Promise<ServerProcess> {
  const entry = fileURLToPath(new URL(`./servers/${module}.js`, import.meta.url));
  const [command, ...args] = pinned(0, process.execPath, entry);
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const { pid, stdout } = child;
  if (pid === undefined || stdout === null) throw new Error(`Cannot start ${module}`);
  const port = await Promise.race([
    readPort(createInterface(stdout)),
    once(child, "exit").then(() => Promise.reject(new Error(`${module} ended before it listened`))),
  ]);
  return {
    port,
    cpuMicros: () => cpuTicks(pid) * microsPerTick,
    rssBytes: () => residentPages(pid) * 4096,
    stop: async () => {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

async function readPort(lines: AsyncIterable<string>): Promise<number> {
  for await (const line of lines) {
    const port = /^PORT (\d+)$/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error("the server said no port");
}

function cpuTicks(pid: number): number {
  // The fields after the command's closing bracket; utime and stime are the 12th and 13th of them.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

function residentPages(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
}
