/** `npm run fuzz -- h2 --seconds N --seed S`: the same random bytes to two implementations; ends in N passed, N failed. */
import { parseArgs } from "node:util";
import { runH2 } from "./h2/run.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" } },
});
const seconds = Number(values.seconds);
// A run of its own each time, unless one is to be repeated.
const seed = values.seed === undefined ? Date.now() % 0x1_0000_0000 : Number(values.seed);

if (positionals[0] !== "h2" || !(seconds >= 0) || !Number.isSafeInteger(seed)) {
  console.error("fuzz: npm run fuzz -- h2 [--seconds N] [--seed S]");
  process.exitCode = 2;
} else {
  const { passed, failed } = await runH2({ seconds, seed });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
