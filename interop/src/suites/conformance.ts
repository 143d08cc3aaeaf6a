import { fileURLToPath } from "node:url";
import { goTool } from "../go-tools.ts";
import { runCommand } from "../run-command.ts";
import type { Tally } from "../suite.ts";

const timeoutMs = 600_000;

const config = fileURLToPath(new URL("../../src/conformance/config.yaml", import.meta.url));

/** Every case of the Connect conformance suite for all there is of gRPC, gRPC-Web and Connect. */
export async function conformance(): Promise<Tally> {
  const tool = goTool("connectrpc.com/conformance/cmd/connectconformance", "connectconformance");
  const [server, client] = [await run(tool, "server"), await run(tool, "client")];
  return { passed: server.passed + client.passed, failed: server.failed + client.failed };
}

async function run(tool: string, mode: "server" | "client"): Promise<Tally> {
  const program = fileURLToPath(new URL(`../conformance/${mode}.js`, import.meta.url));
  const args = ["--mode", mode, "--conf", config, "--", process.execPath, program];
  console.log(`connectconformance, our ${mode}`);
  const { output } = await runCommand(tool, args, timeoutMs);
  console.log(output);
  const summary = /^Total cases: (\d+)\n(\d+) passed/m.exec(output);
  if (summary === null) throw new Error("connectconformance printed no summary");
  const passed = Number(summary[2]);
  // Its own count of failures leaves out the cases it could not run.
  return { passed, failed: Number(summary[1]) - passed };
}
