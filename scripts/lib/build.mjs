import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { root } from "./root.mjs";
import { runCommand } from "./run-process.mjs";
import { step } from "./step.mjs";

/** The compiler's command, relative to node_modules. */
export const compiler = "typescript/bin/tsc";

/** The projects that are built: those of tsconfig.json that have a folder. The tests are only checked. */
export function builtProjects() {
  /** @type {{ references: { path: string }[] }} */
  const { references } = JSON.parse(readFileSync(path.join(root, "tsconfig.json"), "utf8"));
  return references
    .map((reference) => reference.path)
    .filter((project) => !project.endsWith(".json"));
}

/** Compiles what changed since the last time, and throws with the compiler's messages if it cannot. */
export async function build() {
  const title = existsSync(path.join(root, "packages/core/dist"))
    ? "Building what changed (tsc)"
    : "Building (tsc)";
  forgetRemovedOutput();
  await step(title, async () => {
    const { code, output } = await runCommand(compiler, ["-b", ...builtProjects()]);
    if (code !== 0) throw new Error(`Cannot build as the compiler found errors:\n${output}`);
  });
}

/**
 * Makes the compiler forget what it built where somebody removed the folder it is in: it goes by
 * its notes, and those lie elsewhere.
 */
export function forgetRemovedOutput() {
  for (const project of builtProjects()) {
    if (existsSync(path.join(root, project, "dist"))) continue;
    rmSync(path.join(root, project, "tsconfig.tsbuildinfo"), { force: true });
  }
}
