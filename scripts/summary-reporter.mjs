import { writeFileSync } from "node:fs";

/**
 * Counts what a vitest run did: for `npm test` into the file SUMMARY_FILE names, so that the count
 * can be printed after all else; without it, at the end of this process.
 */
export default class SummaryReporter {
  /**
   * @param {readonly import("vitest/node").TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const counts = countTests(modules, unhandledErrors);
    const file = process.env.SUMMARY_FILE;
    if (file) writeFileSync(file, JSON.stringify(counts));
    else process.on("exit", () => console.log(summaryLine(counts)));
  }
}

/**
 * Formats the one line that people and CI look for.
 * @param {{ passed: number, failed: number }} counts
 */
export function summaryLine({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}

/**
 * Counts tests by their outcome. An error outside of every test is a failure too: of a file that
 * does not load, of a hook, of a promise nobody awaited.
 * @param {readonly import("vitest/node").TestModule[]} modules
 * @param {readonly unknown[]} unhandledErrors
 */
export function countTests(modules, unhandledErrors) {
  const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed" || state === "failed") counts[state] += 1;
      else counts.skipped += 1;
    }
    counts.failed += module.errors().length;
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
  }
  return counts;
}
