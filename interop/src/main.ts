/** `npm run interop -- NAME`: judges the engine and the edges by a peer; ends in N passed, N failed. */
import { hasGo } from "./go-tools.ts";
import type { Suite } from "./suite.ts";
import { conformance } from "./suites/conformance.ts";
import { grpc } from "./suites/grpc.ts";
import { h2spec } from "./suites/h2spec.ts";
import { kratos } from "./suites/kratos.ts";
import { transcoding } from "./suites/transcoding.ts";

const suites: Readonly<Record<string, Suite>> = { h2spec, grpc, kratos, conformance, transcoding };

/** What needs no peer built from Go modules. */
const withoutGo: ReadonlySet<string> = new Set(["transcoding"]);

const name = process.argv[2] ?? "";
const suite = suites[name];
if (suite === undefined) {
  console.error(`interop: no suite "${name}"; there are: ${Object.keys(suites).join(", ")}`);
  process.exitCode = 2;
} else if (!withoutGo.has(name) && !hasGo()) {
  console.log(
    `interop ${name}: skipped, as Go is not on this machine and the peers are built from Go modules`,
  );
} else {
  const { passed, failed } = await suite();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
