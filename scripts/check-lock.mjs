// package-lock.json is the one of the present package.json files: for each, it names the same dependencies.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { listFiles } from "./lib/list-files.mjs";

const kinds = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
const lockFile = "package-lock.json";

/**
 * Finds package.json files whose dependencies are not those the lock file was made for.
 * @param {string} base
 * @returns {import("./lib/finding.mjs").Finding[]}
 */
export function checkLock(base) {
  if (!existsSync(path.join(base, lockFile)))
    return [{ file: lockFile, line: 1, message: "is missing" }];
  const { packages = {} } = readJson(base, lockFile);
  return listFiles(base)
    .filter((file) =>
      /^((packages|contrib|examples)\/[^/]+\/|(bench|interop|fuzz)\/)?package\.json$/.test(file),
    )
    .flatMap((file) => {
      const locked = packages[file === "package.json" ? "" : path.posix.dirname(file)];
      const message = difference(readJson(base, file), locked);
      return message ? [{ file, line: 1, message: `${message} in ${lockFile}: npm install` }] : [];
    });
}

/**
 * @param {Record<string, any>} wanted
 * @param {Record<string, any> | undefined} locked
 */
function difference(wanted, locked) {
  if (locked === undefined) return "is not";
  const different = kinds.find(
    (kind) => !isDeepStrictEqual(wanted[kind] ?? {}, locked[kind] ?? {}),
  );
  return different ? `has ${different} other than those` : undefined;
}

/**
 * @param {string} base
 * @param {string} file
 */
function readJson(base, file) {
  return JSON.parse(readFileSync(path.join(base, file), "utf8"));
}
