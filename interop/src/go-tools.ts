import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../", import.meta.url));
const bin = fileURLToPath(new URL("../.tmp/bin/", import.meta.url));

/** Whether Go is on the machine; the suites need it to build the peers. */
export function hasGo(): boolean {
  return spawnSync("go", ["version"]).status === 0;
}

/**
 * Builds a tool of go.mod and answers its path; the build is cached by Go.
 * @throws {Error} If it cannot be built, with what Go said.
 */
export function goTool(module: string, name: string): string {
  mkdirSync(bin, { recursive: true });
  const path = `${bin}${name}`;
  const { status, stderr } = spawnSync("go", ["build", "-o", path, module], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Cannot build ${module}: ${stderr}`);
  return path;
}
