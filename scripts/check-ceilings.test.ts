import { describe, expect, it } from "vitest";
import { checkCeilings } from "./check-ceilings.mjs";
import { printed, temporaryTree } from "./lib/temporary-tree.ts";

const file = "packages/h2/src/a.ts";

function check(text: string, name: string = file): string[] {
  return printed(checkCeilings(temporaryTree({ [name]: text })));
}

/** Answers so many lines of statements. */
function lines(count: number): string {
  return "  call();\n".repeat(count);
}

describe("checkCeilings()", () => {
  it("finds a file of more than 400 lines, and a test of more than 600", () => {
    expect(check(lines(400))).toEqual([]);
    expect(check(lines(401))).toEqual([`${file}:1 has 401 lines, more than 400`]);
    expect(check(lines(600), "packages/h2/src/a.test.ts")).toEqual([]);
    expect(check(lines(601), "packages/h2/src/a.test.ts")).toHaveLength(1);
    expect(check(lines(999), "packages/h2/src/gen/a_pb.ts")).toEqual([]);
    expect(check(lines(999), "packages/h2/src/testdata/a.ts")).toEqual([]);
  });

  it("finds a function of more than 60 lines, however it is written", () => {
    expect(check(`function f() {\n${lines(58)}}`)).toEqual([]);
    const message = "the function has 61 lines, more than 60";
    expect(check(`\nfunction f() {\n${lines(59)}}`)).toEqual([`${file}:2 ${message}`]);
    expect(check(`const f = () => {\n${lines(59)}};`)).toEqual([`${file}:1 ${message}`]);
    expect(check(`class A {\n  f() {\n${lines(59)}}\n}`)).toEqual([`${file}:2 ${message}`]);
    expect(check(`it("f", () => {\n${lines(99)}});`, "packages/h2/src/a.test.ts")).toEqual([]);
  });

  it("finds blocks nested deeper than 3, counting an else-if as its if and a function anew", () => {
    const deep = (inner: string) =>
      `function f() {\n if (a) { for (;;) { try {\n ${inner}\n } catch {} } }\n}`;
    expect(check(deep(`if (b) c();`))).toEqual([`${file}:3 is nested deeper than 3`]);
    expect(check(deep(`each(() => { if (b) c(); });`))).toEqual([]);
    expect(
      check(
        `function f() { if (a) {} else if (b) {} else if (c) {} else if (d) {} else if (e) {} }`,
      ),
    ).toEqual([]);
  });

  it("finds more than 10 branches in one function", () => {
    const cases = (count: number) =>
      `function f() { switch (a) { ${"case 1: ".repeat(count)} default: } }`;
    expect(check(cases(10))).toEqual([]);
    expect(check(cases(11))).toEqual([`${file}:1 the function has 11 branches, more than 10`]);
    expect(
      check(`function f() { ${"if (a) b(); ".repeat(5)} ${"g(a ? 1 : 2);".repeat(6)} }`),
    ).toHaveLength(1);
  });

  it("finds more than 3 parameters", () => {
    expect(check(`function f(this: A, a: B, b: B, c: B) {}`)).toEqual([]);
    expect(check(`const f = (a: B, b: B, c: B, d: B) => a;`)).toEqual([
      `${file}:1 the function has 4 parameters, more than 3`,
    ]);
  });

  it("finds any, in tests too, and not in text", () => {
    expect(check(`const a: any = 1;`)).toEqual([`${file}:1 uses any`]);
    expect(check(`const a = b as unknown as any[];`, "packages/h2/src/a.test.ts")).toHaveLength(1);
    expect(check(`// any\nconst any = "any";`)).toEqual([]);
  });

  it("accepts an exception with a reason on the line or above it, and none without", () => {
    expect(check(`const a: any = 1; // ceiling: the parser answers it`)).toEqual([]);
    expect(
      check(`// ceiling: one table, read top to bottom\nconst f = (a: B, b: B, c: B, d: B) => a;`),
    ).toEqual([]);
    expect(check(`const a: any = 1; // ceiling:`)).toHaveLength(1);
    expect(check(`// ceiling: too far away\n\nconst a: any = 1;`)).toHaveLength(1);
  });
});
