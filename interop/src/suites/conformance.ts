import { fileURLToPath } from "node:url";
import { goTool } from "../go-tools.ts";
import { runCommand } from "../run-command.ts";
import { sumOf, type Tally } from "../suite.ts";

const timeoutMs = 600_000;

/** What is claimed over each engine. */
const configs = { kratos: "config.yaml", "node:http2": "grpc.yaml" } as const;

/** Every case of the Connect conformance suite for all there is of gRPC, gRPC-Web and Connect; gRPC over both engines. */
export async function conformance(): Promise<Tally> {
  const tool = goTool("connectrpc.com/conformance/cmd/connectconformance", "connectconformance");
  const tallies: Tally[] = [];
  for (const engine of ["kratos", "node:http2"] as const)
    for (const mode of ["server", "client"] as const) tallies.push(await run(tool, mode, engine));
  return sumOf(tallies);
}

// ceiling: the tool, and what it is to judge
async function run(
  tool: string,
  mode: "server" | "client",
  engine: keyof typeof configs,
): Promise<Tally> {
  const config = fileURLToPath(
    new URL(`../../src/conformance/${configs[engine]}`, import.meta.url),
  );
  const program = fileURLToPath(new URL(`../conformance/${mode}.js`, import.meta.url));
  const args = ["--mode", mode, "--conf", config, "--", process.execPath, program, engine];
  console.log(`connectconformance, our ${mode} on ${engine}`);
  const { output } = await runCommand(tool, args, timeoutMs);
  console.log(output);
  const summary = /^Total cases: (\d+)\n(\d+) passed/m.exec(output);
  if (summary === null) throw new Error("connectconformance printed no summary");
  const passed = Number(summary[2]);
  // Its own count of failures leaves out the cases it could not run.
  return { passed, failed: Number(summary[1]) - passed };
}
