import { describe, expect, it } from "vitest";
import { checkLock } from "./check-lock.mjs";
import { printed, temporaryTree } from "./lib/temporary-tree.ts";

const manifest = { name: "@kratosjs/h2", dependencies: {}, peerDependencies: { yaml: "^2.0.0" } };

function check(packages?: object): string[] {
  const files = {
    "package.json": `{ "devDependencies": { "vitest": "^4.0.0" } }`,
    "packages/h2/package.json": JSON.stringify(manifest),
  };
  const lock = packages && { "package-lock.json": JSON.stringify({ packages }) };
  return printed(checkLock(temporaryTree({ ...files, ...lock })));
}

describe("checkLock()", () => {
  it("accepts a lock file made for the present dependencies", () => {
    const root = { devDependencies: { vitest: "^4.0.0" } };
    expect(check({ "": root, "packages/h2": { peerDependencies: { yaml: "^2.0.0" } } })).toEqual(
      [],
    );
  });

  it("finds dependencies, and packages, the lock file does not know", () => {
    expect(check({ "": { devDependencies: { vitest: "^3.0.0" } } })).toEqual([
      "package.json:1 has devDependencies other than those in package-lock.json: npm install",
      "packages/h2/package.json:1 is not in package-lock.json: npm install",
    ]);
    expect(check()).toEqual(["package-lock.json:1 is missing"]);
  });
});
