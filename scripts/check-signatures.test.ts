import { describe, expect, it } from "vitest";
import { checkSignatures } from "./check-signatures.mjs";
import { printed, temporaryTree } from "./lib/temporary-tree.ts";

/** Checks a module whose names an index re-exports. */
function check(text: string, exported: string): string[] {
  const index = `export { ${exported} } from "./a.ts";`;
  return printed(
    checkSignatures(
      temporaryTree({ "packages/h2/src/index.ts": index, "packages/h2/src/a.ts": text }),
    ),
  );
}

describe("checkSignatures()", () => {
  it("finds public functions, methods and contracts whose third parameter is not their options", () => {
    const expected = [
      "packages/h2/src/a.ts:1 takes more than two positional parameters: the third is `options`",
    ];
    expect(check(`export function f(a: A, b: B, c: C): void {}`, "f")).toEqual(expected);
    expect(check(`export const f = (a: A, b: B, c: C = d): void => {};`, "f as g")).toEqual(
      expected,
    );
    expect(check(`export class F { f(a: A, b: B, c: C): void {} }`, "F")).toEqual(expected);
    expect(check(`export interface F { f(a: A, b: B, c: C): void }`, "type F")).toEqual(expected);
  });

  it("allows options, rests, private methods and what no index exports", () => {
    expect(check(`export function f(a: A, b: B, options: C = {}): void {}`, "f")).toEqual([]);
    expect(check(`export function f(a: A, b: B, { c }: C): void {}`, "f")).toEqual([]);
    expect(check(`export function f(a: A, b: B, ...c: C[]): void {}`, "f")).toEqual([]);
    expect(check(`export class F { #f(a: A, b: B, c: C): void {} }`, "F")).toEqual([]);
    expect(check(`export function g(a: A, b: B, c: C): void {}`, "f")).toEqual([]);
    expect(
      check(`export function f(a: A, b: B, c: C): void {} // ceiling: upstream's signature`, "f"),
    ).toEqual([]);
  });
});
