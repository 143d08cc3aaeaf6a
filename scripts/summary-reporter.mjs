/** Ends a vitest run with the one line that people and CI look for: N passed, N failed. */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state in counts ? state : "skipped"] += 1;
      }
      // A file that fails before its tests run has no tests to count.
      if (module.state() === "failed" && [...module.children.allTests("failed")].length === 0)
        counts.failed += 1;
    }
    counts.failed += unhandledErrors.length;
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    process.on("exit", () =>
      console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`),
    );
  }
}
