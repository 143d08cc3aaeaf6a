import { describe, expect, it } from "vitest";
import { checkWords } from "./check-words.mjs";
import { printed, temporaryTree } from "./lib/temporary-tree.ts";

const source = "packages/h2/src/a.ts";
const test = "packages/h2/src/a.test.ts";

function check(file: string, text: string): string[] {
  return printed(checkWords(temporaryTree({ [file]: text })));
}

describe("checkWords()", () => {
  it("finds notes to come back, in any file of text", () => {
    for (const note of ["TO-DO", "FIX-ME", "X-X-X"].map((each) => each.replaceAll("-", ""))) {
      expect(check(source, `// ${note}: later`)).toEqual([
        `${source}:1 has a note to come back: do it, or open an issue`,
      ]);
      expect(check("docs/a.md", `\n${note}`)).toHaveLength(1);
      expect(check(source, `const a${note}s = 1;`)).toEqual([]);
      expect(check("packages/h2/src/testdata/a.json", note)).toEqual([]);
    }
  });

  it("finds paths of one machine, and leaves URLs and routes alone", () => {
    for (const folder of ["work", "root", "home"]) {
      expect(check("docs/a.md", `see /${folder}/a`)).toEqual([
        "docs/a.md:1 names a path of one machine",
      ]);
      expect(check("docs/a.md", `https://a.b/${folder}/a and c/${folder}/`)).toEqual([]);
    }
  });

  it("finds options, properties and parameters named after seconds", () => {
    const message = `${source}:1 names seconds: use milliseconds and ...Ms`;
    expect(check(source, `interface A { timeoutSeconds?: number }`)).toEqual([message]);
    expect(check(source, `class A { #waitSecs = 1; }`)).toEqual([message]);
    expect(check(source, `function f(ttlSeconds = 1) {}`)).toEqual([message]);
    expect(check(source, `interface A { secondsLeft(): string; timeoutMs: number }`)).toEqual([]);
    expect(
      check(source, `interface A { durationSeconds: number } // ceiling: OpenTelemetry's metric`),
    ).toEqual([]);
  });

  it("finds focused, unwritten and silently skipped tests", () => {
    expect(check(test, `it.only("a", () => {});`)).toEqual([`${test}:1 runs alone: remove .only`]);
    expect(check(test, `describe.only.each([])("a", () => {});`)).toHaveLength(1);
    expect(check(test, `it.todo("a");`)).toHaveLength(1);
    expect(check(test, `describe.skip("a", () => {});`)).toEqual([
      `${test}:1 skips without a reason: add // skip: <reason>`,
    ]);
    expect(check(test, `it.skipIf(a)("a", () => {});`)).toHaveLength(1);
    expect(check(test, `it("a", (ctx) => { ctx.skip(); });`)).toHaveLength(1);
    expect(check(test, `it("a", ({ skip }) => { skip(); });`)).toHaveLength(1);
  });

  it("accepts skips that say why", () => {
    expect(check(test, `// skip: needs a terminal\nit.skipIf(a)("a", () => {});`)).toEqual([]);
    expect(
      check(test, `it("a", (ctx) => { ctx.skip("needs a terminal"); stream.skip(); });`),
    ).toEqual([]);
  });

  it("accepts a skip whose name ends with the reason", () => {
    expect(check(test, "it.skip(`a (${reason})`);")).toEqual([]);
  });

  it("finds tests that sleep, and allows guards, short waits and fake clocks", () => {
    for (const sleep of [
      `await new Promise((resolve) => setTimeout(resolve, 100));`,
      `await new Promise((done) => { setTimeout(() => done(1), 2_000); });`,
      `await setTimeout(500);`,
      `await sleep(500);`,
    ]) {
      expect(check(test, sleep)).toEqual([
        `${test}:1 sleeps: wait for what is to happen, or use a fake clock`,
      ]);
    }
    expect(check(test, `await new Promise((resolve) => setTimeout(resolve, 10));`)).toEqual([]);
    expect(
      check(
        test,
        `await new Promise((resolve, reject) => { on(resolve); setTimeout(reject, 5000); });`,
      ),
    ).toEqual([]);
    expect(
      check(test, `vi.advanceTimersByTime(5000); const timer = setTimeout(() => kill(), 5000);`),
    ).toEqual([]);
    expect(check(test, `await sleep(60_000, { signal: ctx.signal });`)).toEqual([]);
    expect(check(source, `await new Promise((resolve) => setTimeout(resolve, 100));`)).toEqual([]);
  });
});
