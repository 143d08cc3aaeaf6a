import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "./run-tool.ts";
import type { Wrk } from "../suite.ts";

/** Loads a path over HTTP/1.1 for `seconds`, and answers how many requests were answered with 2xx. */
export async function wrk(
  load: Wrk,
  target: { port: number; durationMs: number },
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const out = await runTool("wrk", [
    "-t1",
    `-c${load.connections}`,
    `-d${Math.round(target.durationMs / 1000)}s`,
    ...(load.body === undefined ? [] : ["-s", script(folder, load.body)]),
    `http://127.0.0.1:${target.port}${load.path}`,
  ]).finally(() => rmSync(folder, { recursive: true }));
  const total = Number(/(\d+) requests in/.exec(out)?.[1]);
  if (!(total > 0) || /Non-2xx|Socket errors/.test(out))
    throw new Error(`wrk was not answered well:\n${out}`);
  return total;
}

/** wrk posts only when a script of Lua says so. */
function script(folder: string, body: string): string {
  const file = join(folder, "post.lua");
  const lines = [
    `wrk.method = "POST"`,
    `wrk.body = [==[${body}]==]`,
    `wrk.headers["Content-Type"] = "application/json"`,
  ];
  writeFileSync(file, lines.join("\n"));
  return file;
}
