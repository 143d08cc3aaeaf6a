import path from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./lib/root.mjs";
import { runProcess } from "./lib/run-process.mjs";
import { temporaryTree } from "./lib/temporary-tree.ts";

/** Runs vitest on made-up test files with only our reporter, and answers what it printed last. */
async function lastLine(files: Readonly<Record<string, string>>): Promise<string | undefined> {
  // Outside of the repository a test file cannot import vitest, so it gets its functions as globals.
  const base = temporaryTree(files);
  const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
  const reporter = path.join(root, "scripts/summary-reporter.mjs");
  const env = { ...process.env, SUMMARY_FILE: "", VITEST: "" };
  const args = [
    vitest,
    "run",
    "--globals",
    "--root",
    base,
    "--reporter=default",
    `--reporter=${reporter}`,
  ];
  const { output } = await runProcess(process.execPath, args, { cwd: base, env });
  return output.trim().split("\n").at(-1);
}

describe("SummaryReporter", () => {
  it("prints how many tests passed and failed, and nothing after it", async () => {
    expect(
      await lastLine({ "a.test.ts": `it("a", () => {}); it("b", () => {}); it.skip("c");` }),
    ).toBe("2 passed, 0 failed");
    expect(
      await lastLine({
        "a.test.ts": `it("a", () => {}); it("b", () => { throw new Error("b"); });`,
      }),
    ).toBe("1 passed, 1 failed");
  });

  it("counts files that do not load, hooks that throw and errors nobody caught", async () => {
    const files = {
      "load.test.ts": `import "./none.ts";`,
      "empty.test.ts": `export {};`,
      "hook.test.ts": `describe("a", () => { beforeAll(() => { throw new Error("hook"); }); it("b", () => {}); });`,
      "stray.test.ts": `it("a", () => { void Promise.reject(new Error("stray")); });`,
    };
    expect(await lastLine(files)).toBe("1 passed, 4 failed");
  });
});
