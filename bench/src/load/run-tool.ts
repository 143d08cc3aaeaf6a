import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { pinned } from "../pinned.ts";

const packages: Readonly<Record<string, string>> = { h2load: "nghttp2-client", wrk: "wrk" };

/**
 * Runs a load generator on core 1 and answers what it printed.
 * @throws {Error} If it is not installed, naming the Debian package, or fails.
 */
export async function runTool(tool: string, args: readonly string[]): Promise<string> {
  const [command, ...rest] = pinned(1, tool, ...args);
  const child = spawn(command, rest, { stdio: ["ignore", "pipe", "pipe"] });
  const missing = new Error(
    `Cannot run ${tool}: install the Debian package ${packages[tool] ?? tool}`,
  );
  const failed = once(child, "error").then(() => Promise.reject(missing));
  const ended = once(child, "close") as Promise<[number]>;
  const [out, err, [code]] = await Promise.race([
    Promise.all([text(child.stdout), text(child.stderr), ended]),
    failed,
  ]);
  if (code === 127 || /failed to execute|No such file/.test(err)) throw missing;
  if (code !== 0) throw new Error(`${tool} ended with ${code}: ${err}`);
  return out;
}
