import { fileURLToPath } from "node:url";
import { runTool } from "./load/run-tool.ts";
import type { Sample } from "./suite.ts";

export interface ClientRun {
  readonly port: number;
  readonly inFlight: number;
  readonly warmupMs: number;
  readonly windowMs: number;
}

/** Runs clients/NAME.js against a server, in a process of its own on core 1, and answers what it measured. */
export async function runClient(module: string, run: ClientRun): Promise<Sample> {
  const entry = fileURLToPath(new URL(`./clients/${module}.js`, import.meta.url));
  const out = await runTool(process.execPath, [
    entry,
    `--port=${run.port}`,
    `--inFlight=${run.inFlight}`,
    `--warmupMs=${run.warmupMs}`,
    `--windowMs=${run.windowMs}`,
  ]);
  return JSON.parse(out) as Sample; // the clients print nothing else
}
