import { readdirSync } from "node:fs";
import path from "node:path";

/** Folders that hold nothing written by hand. */
const skipped = new Set(["node_modules", "dist", ".git", ".tmp", "coverage"]);

/**
 * Lists the project's files below a folder, sorted, as paths relative to `base` with `/`.
 * @param {string} base
 * @param {string} [folder] Relative to base; one that does not exist has no files.
 * @returns {string[]}
 */
export function listFiles(base, folder = "") {
  return entriesOf(path.join(base, folder))
    .filter((entry) => !skipped.has(entry.name) && !entry.name.endsWith(".tsbuildinfo"))
    .flatMap((entry) => {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return listFiles(base, name);
      return entry.isFile() ? [name] : [];
    })
    .sort();
}

/** @param {string} folder */
function entriesOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // gone meanwhile, or never there
  }
}
