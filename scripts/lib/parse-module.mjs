import { readFileSync } from "node:fs";
import path from "node:path";
import { parseAst } from "vitest/node";

/**
 * A node of the syntax tree (ESTree with TypeScript), and the positions it spans.
 * @typedef {{ type: string, start: number, end: number } & Record<string, any>} Node
 */

/** A module's text and syntax tree. */
export class ParsedModule {
  /**
   * @param {string} file Its path, relative to the project.
   * @param {string} text
   */
  constructor(file, text) {
    this.file = file;
    this.text = text;
    this.lines = text.split("\n");
    /** @type {Node} */
    this.program = /** @type {any} */ (parseAst(text, { lang: "ts", sourceType: "module" }, file));
  }

  /**
   * Answers the line, counted from 1, of a position in the text.
   * @param {number} position
   */
  lineOf(position) {
    let line = 1;
    for (
      let at = this.text.indexOf("\n");
      at !== -1 && at < position;
      at = this.text.indexOf("\n", at + 1)
    )
      line += 1;
    return line;
  }

  /**
   * Answers a node's source text.
   * @param {Node} node
   */
  textOf(node) {
    return this.text.slice(node.start, node.end);
  }
}

/**
 * Reads and parses a module.
 * @param {string} base
 * @param {string} file Relative to base.
 */
export function parseModule(base, file) {
  return new ParsedModule(file, readFileSync(path.join(base, file), "utf8"));
}

/**
 * Answers the nodes directly inside a node, in the order of the text.
 * @param {Node} node
 * @returns {Node[]}
 */
export function childrenOf(node) {
  return Object.values(node)
    .flat()
    .filter((value) => typeof value?.type === "string")
    .sort((a, b) => a.start - b.start);
}

/**
 * Lists a node and all nodes inside it, in the order of the text.
 * @param {Node} node
 * @returns {Generator<Node>}
 */
export function* nodesOf(node) {
  yield node;
  for (const child of childrenOf(node)) yield* nodesOf(child);
}
