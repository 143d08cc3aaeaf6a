import { describe, expect, it } from "vitest";
import { checkCycles } from "./check-cycles.mjs";
import { printed, temporaryTree } from "./lib/temporary-tree.ts";

describe("checkCycles()", () => {
  it("finds a cycle of value imports and names its members", () => {
    const base = temporaryTree({
      "packages/core/src/log/a.ts": `import { b } from "./b.ts";`,
      "packages/core/src/log/b.ts": `export { c } from "../context/c.ts";`,
      "packages/core/src/context/c.ts": `import "../log/a.ts";`,
    });
    expect(printed(checkCycles(base))).toEqual([
      "packages/core/src/context/c.ts:1 imports itself: packages/core/src/context/c.ts -> packages/core/src/log/a.ts" +
        " -> packages/core/src/log/b.ts -> packages/core/src/context/c.ts",
    ]);
  });

  it("finds a module that imports itself, and a type named in a value import", () => {
    expect(
      checkCycles(temporaryTree({ "packages/h2/src/a.ts": `import { a } from "./a.ts";` })),
    ).toHaveLength(1);
    const inlineType = {
      "packages/h2/src/a.ts": `import { type B } from "./b.ts";`,
      "packages/h2/src/b.ts": `import "./a.ts";`,
    };
    expect(checkCycles(temporaryTree(inlineType))).toHaveLength(1);
  });

  it("does not count what is gone after compiling, nor import()", () => {
    const base = temporaryTree({
      "packages/h2/src/a.ts": `import type { B } from "./b.ts"; export type { C } from "./c.ts";`,
      "packages/h2/src/b.ts": `import { a } from "./a.ts";`,
      "packages/h2/src/c.ts": `import { a } from "./a.ts"; import { d } from "./d.ts";`,
      "packages/h2/src/d.ts": `export const c = () => import("./c.ts");`,
    });
    expect(checkCycles(base)).toEqual([]);
  });
});
