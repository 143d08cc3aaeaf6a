import { describe, expect, it } from "vitest";
import { checkPackages } from "./check-packages.mjs";
import { printed, temporaryTree } from "./lib/temporary-tree.ts";

const good = {
  name: "@kratosjs/core",
  version: "1.2.3",
  description: "What it is",
  license: "MIT",
  type: "module",
  sideEffects: false,
  engines: { node: ">=20.19" },
  exports: {},
  files: ["dist"],
  dependencies: { yaml: "^2.0.0" },
};
const code = `import { parse } from "yaml/sub"; import path from "node:path"; import { a } from "./a.ts";`;

function check(
  manifest: object,
  files: Readonly<Record<string, string>> = { "src/b.ts": code },
): string[] {
  const all = { "package.json": JSON.stringify(manifest), "tsconfig.json": "{}", ...files };
  const placed = Object.entries(all).map(([file, text]) => [`packages/core/${file}`, text]);
  return printed(checkPackages(temporaryTree(Object.fromEntries(placed)))).map((line) =>
    line.replace("packages/core/package.json:1 ", ""),
  );
}

describe("checkPackages()", () => {
  it("accepts a package in order", () => {
    expect(check(good)).toEqual([]);
  });

  it("finds fields that break the conventions", () => {
    expect(check({ ...good, name: "core" })).toContain("name is not @kratosjs/...");
    expect(check({ ...good, type: "commonjs" })).toEqual(['type is not "module"']);
    expect(check({ ...good, exports: undefined })).toEqual(["exports is missing"]);
    expect(check({ ...good, engines: { node: ">=18" } })).toEqual([
      'engines.node is not ">=20.19"',
    ]);
    expect(check({ ...good, sideEffects: undefined })).toEqual(["sideEffects is not false"]);
    expect(check({ ...good, license: undefined })).toEqual(["license is missing"]);
    expect(
      check({
        name: "@kratosjs/core",
        version: "1.2.3",
        type: "module",
        description: "",
        private: true,
        dependencies: { yaml: "1" },
      }),
    ).toEqual([]);
  });

  it("finds imports that are not declared, and declarations that are not used", () => {
    expect(check({ ...good, dependencies: {} })).toEqual([
      "does not declare yaml, which its code imports",
    ]);
    expect(check({ ...good, dependencies: {}, peerDependencies: { yaml: "*" } })).toEqual([]);
    expect(check({ ...good, dependencies: { yaml: "*", undici: "*" } })).toEqual([
      "declares undici, which its code does not import",
    ]);
    expect(
      check(good, { "src/b.ts": code, "src/b.test.ts": `import { it } from "vitest";` }),
    ).toEqual([]);
    expect(
      check(good, {
        "src/b.ts": code,
        "src/gen/b_pb.ts": `import { c } from "@bufbuild/protobuf/codegenv2";`,
      }),
    ).toEqual(["does not declare @bufbuild/protobuf, which its code imports"]);
    expect(check(good, { "src/b.ts": `${code} import { readFile } from "fs";` })).toEqual([
      "does not declare fs, which its code imports",
    ]);
  });

  it("finds versions that are not the one of core", () => {
    const h2 = {
      ...good,
      name: "@kratosjs/h2",
      version: "1.2.4",
      dependencies: { "@kratosjs/core": "^1.0.0" },
    };
    const base = temporaryTree({
      "packages/core/package.json": JSON.stringify({ ...good, dependencies: {} }),
      "packages/core/tsconfig.json": "{}",
      "packages/h2/package.json": JSON.stringify(h2),
      "packages/h2/tsconfig.json": "{}",
      "packages/h2/src/a.ts": `import { a } from "@kratosjs/core";`,
    });
    expect(printed(checkPackages(base))).toEqual([
      "packages/h2/package.json:1 version is 1.2.4, not 1.2.3 as in @kratosjs/core",
      "packages/h2/package.json:1 @kratosjs/core is ^1.0.0, not 1.2.3 as in @kratosjs/core",
    ]);
  });
});
