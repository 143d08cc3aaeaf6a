// No module imports itself through others. What is gone after compiling, and `import()`, do not count.
import path from "node:path";
import { importsOf } from "./lib/imports-of.mjs";
import { parseModule } from "./lib/parse-module.mjs";
import { codeFiles, isTest } from "./lib/source-files.mjs";

/**
 * Finds cycles of value imports, each once.
 * @param {string} base
 * @returns {import("./lib/finding.mjs").Finding[]}
 */
export function checkCycles(base) {
  const graph = importGraph(base);
  /** @type {Set<string>} */
  const done = new Set();
  /** @type {string[][]} */
  const cycles = [];
  for (const file of graph.keys()) visit(file, { graph, done, path: [], cycles });
  return cycles.map((cycle) => ({
    file: cycle[0],
    line: 1,
    message: `imports itself: ${[...cycle, cycle[0]].join(" -> ")}`,
  }));
}

/**
 * @param {string} base
 * @returns {Map<string, string[]>} The modules each module needs while it loads.
 */
function importGraph(base) {
  const files = codeFiles(base).filter((file) => !isTest(file));
  return new Map(
    files.map((file) => [
      file,
      importsOf(parseModule(base, file))
        .filter((each) => each.specifier.startsWith(".") && !each.typeOnly && !each.lazy)
        .map((each) => path.posix.join(path.posix.dirname(file), each.specifier)),
    ]),
  );
}

/**
 * Walks the imports depth first; meeting a module of the present path closes a cycle.
 * @param {string} file
 * @param {{ graph: Map<string, string[]>, done: Set<string>, path: string[], cycles: string[][] }} walk
 */
function visit(file, walk) {
  const at = walk.path.indexOf(file);
  if (at !== -1) {
    walk.cycles.push(walk.path.slice(at));
    return;
  }
  if (walk.done.has(file)) return;
  walk.path.push(file);
  for (const next of walk.graph.get(file) ?? []) visit(next, walk);
  walk.path.pop();
  walk.done.add(file);
}
