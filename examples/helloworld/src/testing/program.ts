import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A built program of this example, run as its user would run it. */
export interface Program {
  readonly process: ChildProcess;
  /** What it printed so far. */
  output(): string;
  /** Its end: the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Runs dist/NAME.js on free ports of the loopback, with a registry of its own below `tmp`. */
export function runProgram(
  name: string,
  options: { tmp: string; args?: readonly string[]; env?: NodeJS.ProcessEnv },
): Program {
  const entry = fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url));
  const env = {
    ...process.env,
    TMPDIR: options.tmp,
    HELLOWORLD_HTTP_ADDR: "127.0.0.1:0",
    HELLOWORLD_GRPC_ADDR: "127.0.0.1:0",
    ...options.env,
  };
  const child = spawn(process.execPath, [entry, ...(options.args ?? [])], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const ended = once(child, "close").then(
    ([code, signal]) => (code ?? signal) as number | NodeJS.Signals,
  );
  return { process: child, output: () => output, ended };
}
