// npm test [-- vitest's arguments]: installs, generates and builds what is missing, and runs all tests.
// The last line is always `N passed, N failed`; a build that fails is one of the failures.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "./lib/build.mjs";
import { runInForeground } from "./lib/foreground.mjs";
import { ensureGenerated } from "./lib/generated-code.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { runMain } from "./lib/main.mjs";
import { root } from "./lib/root.mjs";
import { projectEnv } from "./lib/run-process.mjs";
import { summaryLine } from "./summary-reporter.mjs";

await runMain(async () => {
  const prepared = (await succeeds(ensureInstalled)) && (await succeeds(ensureGenerated));
  if (!prepared) return report({ passed: 0, failed: 1, skipped: 0 });
  const built = await succeeds(build);
  const { counts, code } = await runTests(process.argv.slice(2));
  if (!built) counts.failed += 1;
  // A run that says it failed without a failure to count, a crash for example, is one.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return report(counts);
});

/**
 * Prints the last lines and answers the exit code.
 * @param {{ passed: number, failed: number, skipped: number }} counts
 */
function report(counts) {
  const executed = counts.passed + counts.failed;
  if (executed === 0) console.log("Cannot call this a success as no test was executed");
  if (counts.skipped > 0) console.log(`${counts.skipped} skipped`);
  console.log(summaryLine(counts));
  return Number(counts.failed > 0 || executed === 0);
}

/** @param {() => Promise<void>} work */
async function succeeds(work) {
  try {
    await work();
    return true;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return false;
  }
}

/** @param {readonly string[]} args */
async function runTests(args) {
  const folder = mkdtempSync(path.join(tmpdir(), "kratos-test-"));
  const summaryFile = path.join(folder, "summary.json");
  try {
    const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
    const env = { ...projectEnv(), SUMMARY_FILE: summaryFile };
    const code = await runInForeground(
      process.execPath,
      [vitest, "run", ...reporters(args), ...args],
      { env },
    );
    return { counts: readCounts(summaryFile), code };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reporters given as arguments replace the configured ones, so ours is always given. */
function reporters(/** @type {readonly string[]} */ args) {
  const own = `--reporter=${path.join(root, "scripts/summary-reporter.mjs")}`;
  return args.some((arg) => arg.startsWith("--reporter")) ? [own] : ["--reporter=default", own];
}

/**
 * @param {string} file Absent when the run ended before its report.
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
