import { utimesSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { isInstalled } from "./install.mjs";
import { temporaryTree } from "./temporary-tree.ts";

const yaml = { version: "2.9.1", integrity: "sha512-a" };

/** Makes a folder whose lock file is newer than what is installed. */
function folder(wanted: object, present: object): string {
  const base = temporaryTree({
    "package-lock.json": JSON.stringify({ packages: wanted }),
    "node_modules/.package-lock.json": JSON.stringify({ packages: present }),
  });
  utimesSync(path.join(base, "node_modules/.package-lock.json"), 1, 1);
  return base;
}

describe("isInstalled()", () => {
  it("is false without node_modules", () => {
    expect(isInstalled(temporaryTree({ "package-lock.json": "{}" }))).toBe(false);
  });

  it("is true when what is installed is newer than the lock file", () => {
    const base = folder({ "node_modules/yaml": yaml }, {});
    utimesSync(path.join(base, "package-lock.json"), 0, 0);
    expect(isInstalled(base)).toBe(true);
  });

  it("compares the versions when the lock file is newer", () => {
    const wanted = {
      "": { name: "root" },
      "packages/core": { version: "1.0.0" },
      "node_modules/yaml": yaml,
    };
    expect(isInstalled(folder(wanted, { "node_modules/yaml": yaml }))).toBe(true);
    expect(
      isInstalled(folder(wanted, { "node_modules/yaml": { ...yaml, version: "2.9.0" } })),
    ).toBe(false);
    expect(
      isInstalled(folder(wanted, { "node_modules/yaml": { ...yaml, integrity: "sha512-b" } })),
    ).toBe(false);
    expect(isInstalled(folder(wanted, {}))).toBe(false);
  });

  it("does not miss packages for other platforms", () => {
    expect(
      isInstalled(
        folder({ "node_modules/esbuild-arm64": { version: "1.0.0", optional: true } }, {}),
      ),
    ).toBe(true);
  });
});
