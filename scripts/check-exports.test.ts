import { describe, expect, it } from "vitest";
import { checkExports } from "./check-exports.mjs";
import { printed, temporaryTree } from "./lib/temporary-tree.ts";

const room = "packages/core/src/log";

function check(files: Readonly<Record<string, string>>): string[] {
  return printed(checkExports(temporaryTree(files)));
}

describe("checkExports()", () => {
  it("allows an index of named re-exports", () => {
    const index = `// What this room offers.\nexport { a, b as c } from "./a.ts";\nexport type { D } from "./d.ts";\n`;
    expect(check({ [`${room}/index.ts`]: index, [`${room}/a.ts`]: `export const a = 1;` })).toEqual(
      [],
    );
  });

  it("finds code, declarations and imports in an index", () => {
    const rule = "an index.ts holds named re-exports and nothing else";
    for (const code of [
      `export const a = 1;`,
      `export interface A {}`,
      `const a = 1; `,
      `import { a } from "./a.ts";`,
    ]) {
      expect(check({ [`${room}/index.ts`]: code })).toEqual([`${room}/index.ts:1 ${rule}`]);
    }
    expect(
      check({ [`${room}/index.ts`]: `import { a } from "./a.ts";\nexport { a };` }),
    ).toHaveLength(2);
  });

  it("finds export *, default exports and imports for a side effect in any source", () => {
    for (const code of [
      `export * from "./b.ts";`,
      `export * as b from "./b.ts";`,
      `export default 1;`,
      `import "./b.ts";`,
    ]) {
      expect(check({ [`${room}/index.ts`]: "", [`${room}/a.ts`]: `\n${code}` })).toHaveLength(1);
    }
  });

  it("finds public folders without an index: rooms and implementations, and not folders inside an edge", () => {
    expect(check({ [`${room}/logger.ts`]: "" })).toEqual([
      `${room}/index.ts:1 is missing: the folder is public`,
    ]);
    expect(
      check({
        "packages/core/src/middleware/index.ts": "",
        "packages/core/src/middleware/recovery/recovery.ts": "",
        "packages/core/src/http/index.ts": "",
        "packages/core/src/http/server/http-server.ts": "",
      }),
    ).toEqual([
      "packages/core/src/middleware/recovery/index.ts:1 is missing: the folder is public",
    ]);
  });

  it("finds an export of package.json whose source does not exist", () => {
    const manifest = JSON.stringify({
      exports: {
        ".": { "@kratosjs/source": "./src/index.ts" },
        "./*": { "@kratosjs/source": "./src/*/index.ts" },
      },
    });
    expect(check({ "packages/h2/package.json": manifest })).toEqual([
      "packages/h2/package.json:1 exports ./src/index.ts, which does not exist",
    ]);
    expect(check({ "packages/h2/package.json": manifest, "packages/h2/src/index.ts": "" })).toEqual(
      [],
    );
  });

  it("finds names that say nothing and names that are not kebab-case", () => {
    for (const name of [
      "utils.ts",
      "string-utils.ts",
      "helper.ts",
      "common/a.ts",
      "misc.test.ts",
    ]) {
      expect(check({ [`packages/h2/src/${name}`]: "" })).toHaveLength(1);
    }
    expect(check({ "packages/h2/src/frameReader.ts": "" })).toEqual([
      `packages/h2/src/frameReader.ts:1 is called "frameReader": names are kebab-case`,
    ]);
    expect(
      check({ "packages/h2/src/commonplace.ts": "", "packages/h2/src/gen/a_pb.ts": "" }),
    ).toEqual([]);
  });
});
