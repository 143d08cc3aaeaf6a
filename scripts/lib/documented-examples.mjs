import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/**
 * Finds TypeScript blocks of a document that say `// file: <path>` and are not in that file. The
 * indentation the block's lines have in common there does not matter.
 * @param {string} base
 * @param {{ file: string, text: string }} document
 * @returns {import("./finding.mjs").Finding[]}
 */
export function wrongExamples(base, { file, text }) {
  return [...text.matchAll(/^([ \t]*)```(?:ts|typescript)[^\n]*\n([\s\S]*?)^\1```/gm)].flatMap(
    (match) => {
      const [first, ...code] = dedent(match[2].split("\n"));
      const source = /^\/\/ file: (\S+)/.exec(first)?.[1];
      if (source === undefined) return [];
      const line = text.slice(0, match.index).split("\n").length;
      const target = path.join(base, source);
      if (!existsSync(target))
        return [{ file, line, message: `shows ${source}, which does not exist` }];
      if (holds(readFileSync(target, "utf8").split("\n"), trimBlank(code))) return [];
      return [{ file, line, message: `shows code that is not in ${source}` }];
    },
  );
}

/**
 * Tells whether some run of lines is the code, apart from a common indentation.
 * @param {readonly string[]} lines
 * @param {readonly string[]} code
 */
function holds(lines, code) {
  const wanted = dedent(code).join("\n");
  if (wanted.trim() === "") return false;
  return lines.some(
    (_, index) => dedent(lines.slice(index, index + code.length)).join("\n") === wanted,
  );
}

/**
 * Takes the indentation away that all lines have, and white space at their ends.
 * @param {readonly string[]} lines
 */
function dedent(lines) {
  const depths = lines
    .filter((line) => line.trim() !== "")
    .map((line) => line.length - line.trimStart().length);
  const depth = Math.min(...depths);
  return lines.map((line) => line.slice(Number.isFinite(depth) ? depth : 0).trimEnd());
}

/** @param {readonly string[]} lines */
function trimBlank(lines) {
  const isText = (/** @type {string} */ line) => line.trim() !== "";
  const first = lines.findIndex(isText);
  return first === -1 ? [] : lines.slice(first, lines.findLastIndex(isText) + 1);
}
