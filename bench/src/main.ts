/** `npm run bench -- SUITE [--quick]`: our servers and clients and their peers in one run, as ratios. */
import { parseArgs } from "node:util";
import { quickly } from "./quickly.ts";
import { printCase, report } from "./report.ts";
import { runSuite } from "./run-suite.ts";
import { grpc } from "./suites/grpc.ts";
import { hello } from "./suites/hello.ts";
import { rest } from "./suites/rest.ts";
import type { Suite } from "./suite.ts";

const suites: Readonly<Record<string, Suite>> = { hello, grpc, rest };
const thorough = { rounds: 3, warmupMs: 1000, windowMs: 3000, latencyMs: 1000 };
const quick = { rounds: 1, warmupMs: 500, windowMs: 1000, latencyMs: 500 };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false } },
});
const [name = ""] = positionals;
const suite = suites[name];
if (suite === undefined) {
  console.error(`bench: no suite "${name}"; there are: ${Object.keys(suites).join(", ")}`);
  process.exitCode = 2;
} else {
  const size = values.quick ? quick : thorough;
  report(
    suite.name,
    await runSuite(values.quick ? quickly(suite) : suite, { ...size, onCase: printCase }),
  );
}
