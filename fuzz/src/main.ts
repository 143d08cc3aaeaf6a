/**
 * `npm run fuzz -- h2 --seconds N --seed S`: the same random bytes to two implementations;
 * `-- attacks --seconds N`: what a good client has of a server under attack; `-- memory`: what 1 GiB
 * through one stream costs. Ends in N passed, N failed.
 */
import { parseArgs } from "node:util";
import { runAttacks } from "./attacks/run.ts";
import { runH2 } from "./h2/run.ts";
import { runMemory } from "./memory/run.ts";
import type { Tally } from "./tally.ts";

interface RunOptions {
  readonly seconds: number;
  readonly seed: number;
}

const runs: Readonly<Record<string, (options: RunOptions) => Promise<Tally>>> = {
  h2: runH2,
  attacks: runAttacks,
  memory: runMemory,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" } },
});
const seconds = Number(values.seconds);
// A run of its own each time, unless one is to be repeated.
const seed = values.seed === undefined ? Date.now() % 0x1_0000_0000 : Number(values.seed);
const run = runs[positionals[0] ?? ""];

if (run === undefined || !(seconds >= 0) || !Number.isSafeInteger(seed)) {
  console.error(`fuzz: npm run fuzz -- ${Object.keys(runs).join("|")} [--seconds N] [--seed S]`);
  process.exitCode = 2;
} else {
  const { passed, failed } = await run({ seconds, seed });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
