import { spawn } from "node:child_process";
import { once } from "node:events";

/** What a command printed, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a command to its end, at most `timeoutMs` milliseconds. */
export async function runCommand(
  command: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<Outcome> {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? -1, output };
}
