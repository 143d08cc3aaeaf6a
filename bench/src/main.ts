/** `npm run bench -- SUITE [--quick]`: our servers and their peers in one run, as ratios. */
import { parseArgs } from "node:util";
import { printCase, report } from "./report.ts";
import { runSuite } from "./run-suite.ts";
import { hello } from "./suites/hello.ts";
import type { Suite } from "./suite.ts";

const suites: Readonly<Record<string, Suite>> = { hello };

const { positionals, values } = parseArgs({ allowPositionals: true, options: { quick: { type: "boolean", default: false } } });
const [name = ""] = positionals;
const suite = suites[name];
if (suite === undefined) {
  console.error(`bench: no suite "${name}"; there are: ${Object.keys(suites).join(", ")}`);
  process.exitCode = 2;
} else {
  const size = values.quick ? { rounds: 1, warmupMs: 1000, windowMs: 2000 } : { rounds: 3, warmupMs: 2000, windowMs: 4000 };
  report(suite.name, await runSuite(suite, { ...size, onCase: printCase }));
}
