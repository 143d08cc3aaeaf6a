import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { root } from "./root.mjs";
import { runProcess } from "./run-process.mjs";
import { step } from "./step.mjs";

/**
 * Installs the dependencies when they are missing or not those of package-lock.json. Says nothing
 * when there is nothing to do, one line when there is, and npm's output only if it failed.
 *
 * By `npm install --no-save`, which installs what the lock file says and leaves it as it is. `npm ci`
 * also refuses a lock file without the optional packages of every other platform, and a registry
 * need not have those. That the lock file fits every package.json is checked by `npm run check`.
 */
export async function ensureInstalled() {
  if (isInstalled(root)) return;
  await step("Installing dependencies (npm install)", async () => {
    const [program, ...first] = npmCommand();
    const args = [...first, "install", "--no-save", "--loglevel=error"];
    const { code, output } = await runProcess(program, args, { env: process.env });
    if (code !== 0) {
      throw new Error(
        `Cannot install the dependencies as npm failed: exit code is ${code}\n${output}`,
      );
    }
  });
}

/**
 * Tells whether node_modules holds what package-lock.json names. The times decide when they can
 * (a check-out may touch the lock file without changing it), else the versions.
 * @param {string} folder
 */
export function isInstalled(folder) {
  const wantedFile = path.join(folder, "package-lock.json");
  const presentFile = path.join(folder, "node_modules", ".package-lock.json");
  const presentAt = statSync(presentFile, { throwIfNoEntry: false })?.mtimeMs;
  if (presentAt === undefined) return false;
  if (presentAt >= statSync(wantedFile).mtimeMs) return true;
  const wanted = packagesOf(wantedFile);
  const present = packagesOf(presentFile);
  return Object.entries(wanted).every(([name, entry]) => {
    if (!name.includes("node_modules/")) return true;
    const found = present[name];
    // What is for another platform is in the lock file and rightly absent here.
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockEntry
 * @param {string} file
 * @returns {Record<string, LockEntry>}
 */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
}

/** The npm that started us, else the one on PATH. */
function npmCommand() {
  const script = process.env.npm_execpath;
  return script?.endsWith(".js")
    ? [process.execPath, script]
    : [process.platform === "win32" ? "npm.cmd" : "npm"];
}
