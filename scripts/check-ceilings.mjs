// Ceilings of size: lines of a file and of a function, nesting, branches, parameters; and no `any`.
// Over the line needs a comment on it or above it: `// ceiling: <reason>`.
import { isExcused } from "./lib/exceptions.mjs";
import { childrenOf, nodesOf, parseModule } from "./lib/parse-module.mjs";
import { codeFiles, isTest } from "./lib/source-files.mjs";

const ceilings = {
  fileLines: 400,
  testFileLines: 600,
  functionLines: 60,
  nesting: 3,
  branches: 10,
  parameters: 3,
};

const functionTypes = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
]);
const loopTypes = new Set([
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
]);
const blockTypes = new Set([...loopTypes, "IfStatement", "SwitchStatement", "TryStatement"]);
const branchTypes = new Set([...loopTypes, "IfStatement", "ConditionalExpression", "CatchClause"]);

/**
 * Finds what is larger than the ceilings allow.
 * @param {string} base
 * @returns {import("./lib/finding.mjs").Finding[]}
 */
export function checkCeilings(base) {
  return codeFiles(base).flatMap((file) => {
    const module = parseModule(base, file);
    const nodes = [...nodesOf(module.program)];
    const found = [
      tooLong(module),
      ...nodes.filter(isAny).map((node) => at(module, node, "uses any")),
    ];
    if (!isTest(file))
      found.push(
        ...nodes
          .filter((node) => functionTypes.has(node.type))
          .flatMap((node) => tooLarge(module, node)),
      );
    return found.flatMap((each) =>
      each === undefined || isExcused(module.lines, each.line) ? [] : [each],
    );
  });
}

/** @param {import("./lib/parse-module.mjs").Node} node */
function isAny(node) {
  return node.type === "TSAnyKeyword";
}

/** @param {import("./lib/parse-module.mjs").ParsedModule} module */
function tooLong({ file, text }) {
  const count = text.trimEnd().split("\n").length;
  const ceiling = isTest(file) ? ceilings.testFileLines : ceilings.fileLines;
  return count > ceiling
    ? { file, line: 1, message: `has ${count} lines, more than ${ceiling}` }
    : undefined;
}

/**
 * Finds what is too large in one function, without the functions inside it.
 * @param {import("./lib/parse-module.mjs").ParsedModule} module
 * @param {import("./lib/parse-module.mjs").Node} node
 */
function tooLarge(module, node) {
  const own = ownNodes(node.body);
  const sizes = [
    {
      name: "lines",
      size: module.lineOf(node.end) - module.lineOf(node.start) + 1,
      ceiling: ceilings.functionLines,
    },
    {
      name: "branches",
      size: own.filter(({ node: each }) => isBranch(each)).length,
      ceiling: ceilings.branches,
    },
    { name: "parameters", size: parametersOf(node).length, ceiling: ceilings.parameters },
  ];
  const deep = own.filter(
    ({ node: each, depth }) => blockTypes.has(each.type) && depth === ceilings.nesting + 1,
  );
  return [
    ...sizes
      .filter(({ size, ceiling }) => size > ceiling)
      .map(({ name, size, ceiling }) =>
        at(module, node, `the function has ${size} ${name}, more than ${ceiling}`),
      ),
    ...deep.map(({ node: each }) => at(module, each, `is nested deeper than ${ceilings.nesting}`)),
  ];
}

/** @param {import("./lib/parse-module.mjs").Node} node */
function isBranch(node) {
  return branchTypes.has(node.type) || (node.type === "SwitchCase" && node.test !== null);
}

/** @param {import("./lib/parse-module.mjs").Node} node */
function parametersOf(node) {
  return node.params.filter(
    (/** @type {import("./lib/parse-module.mjs").Node} */ each) => each.name !== "this",
  );
}

/**
 * Lists the nodes of a function's body with the number of blocks around each, itself included.
 * An `else if` is as deep as its `if`.
 * @param {import("./lib/parse-module.mjs").Node} node
 * @param {number} [depth]
 * @returns {{ node: import("./lib/parse-module.mjs").Node, depth: number }[]}
 */
function ownNodes(node, depth = 0) {
  const inside = blockTypes.has(node.type) ? depth + 1 : depth;
  return [
    { node, depth: inside },
    ...childrenOf(node)
      .filter((child) => !functionTypes.has(child.type))
      .flatMap((child) =>
        ownNodes(
          child,
          node.type === "IfStatement" && child === node.alternate && child.type === "IfStatement"
            ? depth
            : inside,
        ),
      ),
  ];
}

/**
 * @param {import("./lib/parse-module.mjs").ParsedModule} module
 * @param {import("./lib/parse-module.mjs").Node} node
 * @param {string} message
 */
function at(module, node, message) {
  return { file: module.file, line: module.lineOf(node.start), message };
}
