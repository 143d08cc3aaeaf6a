import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GrpcCall, H2Load } from "../suite.ts";
import { runTool } from "./run-tool.ts";

export interface Target {
  readonly port: number;
  readonly durationMs: number;
}

/** Loads a path, and answers how many requests, or messages of complete calls, were answered. */
export async function h2load(load: H2Load, target: Target): Promise<number> {
  return inFolder(
    async (folder) =>
      answered(await runIn(folder, load, { ...target, log: [] })) * (load.grpc?.reply.count ?? 1),
  );
}

/** Loads a path, and answers how long its requests took; nothing if none was over in that time. */
export async function h2loadLatencies(
  load: H2Load,
  target: Target,
): Promise<{ p50Micros?: number; p99Micros?: number }> {
  return inFolder(async (folder) => {
    const log = join(folder, "requests.log");
    const calls = answered(await runIn(folder, load, { ...target, log: [`--log-file=${log}`] }));
    if (calls === 0) return {};
    // A line is: start, status, microseconds.
    const lines = readFileSync(log, "latin1").trimEnd().split("\n");
    const sorted = Float64Array.from(lines, (line) =>
      Number(line.slice(line.lastIndexOf("\t") + 1)),
    ).sort();
    const at = (ratio: number): number => sorted[Math.floor(sorted.length * ratio)] ?? Number.NaN;
    return { p50Micros: at(0.5), p99Micros: at(0.99) };
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runIn(
  folder: string,
  load: H2Load,
  run: Target & { log: readonly string[] },
): Promise<string> {
  return runTool("h2load", [
    `-c${load.connections}`,
    `-m${load.streams}`,
    "-t1",
    `-D${run.durationMs}ms`,
    ...(load.grpc === undefined ? [] : grpcArguments(folder, load.grpc)),
    ...run.log,
    `http://127.0.0.1:${run.port}${load.path}`,
  ]);
}

function grpcArguments(folder: string, { body }: GrpcCall): readonly string[] {
  const file = join(folder, "body.grpc");
  writeFileSync(file, body);
  return [`-d${file}`, "-Hcontent-type: application/grpc", "-Hte: trailers"];
}

function answered(out: string): number {
  const counts =
    /requests: (\d+) total.* (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored/.exec(out);
  const good = Number(/status codes: (\d+) 2xx/.exec(out)?.[1]);
  const complete = Number(counts?.[3]);
  if (counts === null || Number(counts[4]) > 0 || Number(counts[5]) > 0 || !(good >= complete)) {
    throw new Error(`h2load was not answered well:\n${out}`);
  }
  return complete;
}
