import { runTool } from "./run-tool.ts";
import type { Wrk } from "../suite.ts";

/** Loads a path over HTTP/1.1 for `seconds`, and answers how many requests were answered with 2xx. */
export async function wrk(
  load: Wrk,
  target: { port: number; durationMs: number },
): Promise<number> {
  const out = await runTool("wrk", [
    "-t1",
    `-c${load.connections}`,
    `-d${Math.round(target.durationMs / 1000)}s`,
    `http://127.0.0.1:${target.port}${load.path}`,
  ]);
  const total = Number(/(\d+) requests in/.exec(out)?.[1]);
  if (!(total > 0) || /Non-2xx|Socket errors/.test(out))
    throw new Error(`wrk was not answered well:\n${out}`);
  return total;
}
