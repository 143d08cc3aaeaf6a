import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "./run-tool.ts";
import type { Load } from "../suite.ts";

/** Loads a gRPC method for `seconds`, and answers how many calls were answered with 2xx. */
export async function h2load(load: Load & { tool: "h2load" }, target: { port: number; durationMs: number }): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const body = join(folder, "body.grpc");
    writeFileSync(body, load.grpcBody);
    const out = await runTool("h2load", [
      `-c${load.connections}`,
      `-m${load.streams}`,
      "-t1",
      `-D${target.durationMs / 1000}`,
      `-d${body}`,
      "-Hcontent-type: application/grpc",
      "-Hte: trailers",
      `http://127.0.0.1:${target.port}${load.path}`,
    ]);
    return answered(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function answered(out: string): number {
  const counts = /requests: (\d+) total.* (\d+) succeeded, (\d+) failed, (\d+) errored/.exec(out);
  const good = Number(/status codes: (\d+) 2xx/.exec(out)?.[1]);
  if (counts === null || Number(counts[3]) > 0 || Number(counts[4]) > 0 || !(good > 0)) {
    throw new Error(`h2load was not answered well:\n${out}`);
  }
  return good;
}
