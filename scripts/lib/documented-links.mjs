import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/**
 * Finds relative links of a Markdown document that lead nowhere.
 * @param {string} base
 * @param {{ file: string, text: string }} document
 * @returns {import("./finding.mjs").Finding[]}
 */
export function wrongLinks(base, { file, text }) {
  return proseLines(text).flatMap((prose, index) =>
    linksOf(prose)
      .filter((link) => !/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link))
      .filter((link) => !leadsSomewhere(base, file, link))
      .map((link) => ({
        file,
        line: index + 1,
        message: `links to ${link}, which does not exist`,
      })),
  );
}

/**
 * Answers the targets of the links and images of a line, and of a link definition.
 * @param {string} prose
 */
function linksOf(prose) {
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)];
  const definitions = [...prose.matchAll(/^\s*\[[^\]]+\]:\s*<?([^\s>]+)/g)];
  return [...inline, ...definitions].map((match) => match[1]);
}

/**
 * @param {string} base
 * @param {string} file
 * @param {string} link
 */
function leadsSomewhere(base, file, link) {
  const [name, anchor] = link.split("#");
  const target = name === "" ? file : path.join(path.dirname(file), decodeURI(name));
  if (!existsSync(path.join(base, target))) return false;
  if (!anchor || !target.endsWith(".md")) return true;
  return anchorsOf(readFileSync(path.join(base, target), "utf8")).has(anchor.toLowerCase());
}

/**
 * Answers the anchors of a document's headings, as the sites that show Markdown name them.
 * @param {string} text
 */
function anchorsOf(text) {
  const headings = proseLines(text, { keepCode: true }).flatMap(
    (line) => /^#{1,6}\s+(.*)$/.exec(line)?.[1] ?? [],
  );
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}

/**
 * Answers the lines of a document with its code blocks, and code in a line, left empty.
 * @param {string} text
 * @param {{ keepCode?: boolean }} [options]
 */
function proseLines(text, { keepCode = false } = {}) {
  let fence = "";
  return text.split("\n").map((line) => {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1] ?? "";
    if (fence === "" && mark === "") return keepCode ? line : line.replaceAll(/`[^`]*`/g, "");
    if (fence === "") fence = mark;
    else if (mark.startsWith(fence)) fence = "";
    return "";
  });
}
