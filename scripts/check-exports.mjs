// An index.ts is an API and nothing else, every public folder has one, and names say what is inside.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { listFiles } from "./lib/list-files.mjs";
import { parseModule } from "./lib/parse-module.mjs";
import { codeFiles, sourceFiles } from "./lib/source-files.mjs";

/** Names of places for things nobody found a place for. */
const emptyNames = /(^|-)(utils?|helpers?|common|misc)(-|$)/;

/** Rooms of core whose folders inside are public too: their implementations. */
const implementationRooms = new Set([
  "log",
  "registry",
  "transport",
  "middleware",
  "selector",
  "config",
]);

/**
 * Finds indexes with code, exports without names, public folders without an index, and empty or odd names.
 * @param {string} base
 * @returns {import("./lib/finding.mjs").Finding[]}
 */
export function checkExports(base) {
  const sources = sourceFiles(base);
  return [
    ...sources.flatMap((file) => wrongExports(parseModule(base, file))),
    ...missingIndexes(sources),
    ...missingTargets(base),
    ...wrongNames(base),
  ];
}

/** @param {import("./lib/parse-module.mjs").ParsedModule} module */
function wrongExports(module) {
  const isIndex =
    path.posix.basename(module.file) === "index.ts" && !module.file.startsWith("examples/");
  return module.program.body.flatMap(
    (/** @type {import("./lib/parse-module.mjs").Node} */ node) => {
      const message = wrongStatement(node, isIndex);
      return message ? [{ file: module.file, line: module.lineOf(node.start), message }] : [];
    },
  );
}

/**
 * @param {import("./lib/parse-module.mjs").Node} node
 * @param {boolean} isIndex
 */
function wrongStatement(node, isIndex) {
  if (node.type === "ExportAllDeclaration") return "exports *: name what is exported";
  if (node.type === "ExportDefaultDeclaration") return "exports a default: give it a name";
  if (node.type === "ImportDeclaration" && node.specifiers.length === 0)
    return `imports ${node.source.raw} for its side effect`;
  const isReExport = node.type === "ExportNamedDeclaration" && node.source !== null;
  return isIndex && !isReExport ? "an index.ts holds named re-exports and nothing else" : undefined;
}

/** @param {readonly string[]} sources */
function missingIndexes(sources) {
  const folders = new Set(sources.flatMap(publicFolders));
  return [...folders]
    .filter((folder) => !sources.includes(`${folder}/index.ts`))
    .map((folder) => ({
      file: `${folder}/index.ts`,
      line: 1,
      message: "is missing: the folder is public",
    }));
}

/**
 * Answers the folders around a file that users of core can import: its room, and the implementation in it.
 * @param {string} file
 */
function publicFolders(file) {
  const match = /^packages\/core\/src\/([^/]+)\/(?:([^/]+)\/)?/.exec(file);
  if (match === null) return [];
  const [, room, implementation] = match;
  const folders = [`packages/core/src/${room}`];
  if (implementation && implementationRooms.has(room))
    folders.push(`packages/core/src/${room}/${implementation}`);
  return folders;
}

/**
 * The source files that package.json's exports name must exist.
 * @param {string} base
 */
function missingTargets(base) {
  const manifests = listFiles(base, "packages").filter((file) =>
    /^packages\/[^/]+\/package\.json$/.test(file),
  );
  return manifests.flatMap((file) => {
    const { exports = {} } = JSON.parse(readFileSync(path.join(base, file), "utf8"));
    return Object.values(exports)
      .map((target) => target["@kratosjs/source"])
      .filter((target) => typeof target === "string" && !target.includes("*"))
      .filter((target) => !existsSync(path.join(base, path.dirname(file), target)))
      .map((target) => ({ file, line: 1, message: `exports ${target}, which does not exist` }));
  });
}

/** @param {string} base */
function wrongNames(base) {
  return codeFiles(base).flatMap((file) => {
    const names = file.split("/").map((name) => name.replace(/(\.test)?\.(ts|mjs)$/, ""));
    const empty = names.find((name) => emptyNames.test(name));
    if (empty)
      return [{ file, line: 1, message: `is called "${empty}": name it after what it is for` }];
    const odd = names.find((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.config)?$/.test(name));
    return odd ? [{ file, line: 1, message: `is called "${odd}": names are kebab-case` }] : [];
  });
}
