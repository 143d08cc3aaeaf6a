import { nodesOf } from "./parse-module.mjs";

/**
 * One place where a module names another.
 * @typedef {object} Import
 * @property {string} specifier
 * @property {number} line
 * @property {boolean} typeOnly Whether it is gone after compiling.
 * @property {boolean} lazy Whether it is an `import()` call.
 * @property {boolean} bare Whether nothing is taken from it: `import "x"`.
 */

/**
 * Lists what a module imports or re-exports.
 * @param {import("./parse-module.mjs").ParsedModule} module
 * @returns {Import[]}
 */
export function importsOf(module) {
  return [...nodesOf(module.program)].flatMap((node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return [];
    return [
      {
        specifier,
        line: module.lineOf(node.start),
        typeOnly:
          node.type === "TSImportType" || node.importKind === "type" || node.exportKind === "type",
        lazy: node.type === "ImportExpression",
        bare: node.type === "ImportDeclaration" && node.specifiers.length === 0,
      },
    ];
  });
}

/**
 * @param {import("./parse-module.mjs").Node} node
 * @returns {string | undefined}
 */
function specifierOf(node) {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return typeof node.source?.value === "string" ? node.source.value : undefined;
    default:
      return undefined;
  }
}
