// npm run check [-- name ...]: the whole gate, or the steps whose names are given.
// Runs every step, prints a line for each with its time, and fails at the end if one failed.
import { ensureGenerated } from "./lib/generated-code.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { runMain } from "./lib/main.mjs";
import { secondsSince } from "./lib/step.mjs";

await runMain(async () => {
  await ensureInstalled();
  await ensureGenerated();
  // Loaded only now, because the steps import what was just installed.
  const { gateSteps } = await import("./lib/gate-steps.mjs");
  const steps = selectSteps(gateSteps, process.argv.slice(2));
  const startedAt = performance.now();
  const failed = [];
  for (const step of steps) if (!(await passes(step))) failed.push(step.name);
  const total = `${steps.length} steps in ${secondsSince(startedAt)}`;
  console.log(
    failed.length === 0
      ? `check: ${total}, all passed`
      : `check: ${total}, failed: ${failed.join(", ")}`,
  );
  return failed.length === 0 ? 0 : 1;
});

/**
 * @template {{ name: string }} S
 * @param {readonly S[]} steps
 * @param {readonly string[]} names All steps when empty.
 */
function selectSteps(steps, names) {
  const known = steps.map((step) => step.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`Cannot run the step "${unknown}" as the steps are ${known.join(", ")}`);
  return names.length === 0 ? steps : steps.filter((step) => names.includes(step.name));
}

/**
 * Runs a step and prints its line, and below it what it found.
 * @param {import("./lib/gate-steps.mjs").GateStep} step
 */
async function passes({ name, run }) {
  const startedAt = performance.now();
  const problems = await run().catch((/** @type {unknown} */ error) =>
    error instanceof Error ? String(error.stack) : String(error),
  );
  const time = secondsSince(startedAt).padStart(7);
  console.log(`${problems === "" ? "ok    " : "FAILED"} ${name.padEnd(12)} ${time}`);
  if (problems !== "") console.log(problems.trimEnd().replaceAll(/^/gm, "       "));
  return problems === "";
}
