import { nodesOf } from "./parse-module.mjs";

/** @typedef {import("./parse-module.mjs").Node} Node */

/**
 * Finds options without a documented default, and documented defaults that differ from the
 * `const defaults = { ... } satisfies ...` of the same module.
 * @param {import("./parse-module.mjs").ParsedModule} module
 * @returns {import("./finding.mjs").Finding[]}
 */
export function wrongDefaults(module) {
  const nodes = [...nodesOf(module.program)];
  const interfaces = nodes.filter((node) => node.type === "TSInterfaceDeclaration");
  const tables = nodes.filter(isDefaults).map((node) => tableOf(module, node));
  return interfaces.flatMap((node) => {
    const name = node.id.name;
    const values =
      tables.find((table) => table.types.includes(name))?.values ?? onlyValues(tables, interfaces);
    return node.body.body.flatMap((/** @type {Node} */ member) => {
      const message = wrongMember(module, { member, isOption: name.endsWith("Options"), values });
      return message ? [{ file: module.file, line: module.lineOf(member.start), message }] : [];
    });
  });
}

/**
 * Tells whether a node declares an object of defaults.
 * @param {Node} node
 */
function isDefaults(node) {
  return (
    node.type === "VariableDeclarator" &&
    /defaults$/i.test(node.id.name ?? "") &&
    node.init?.type === "TSSatisfiesExpression"
  );
}

/**
 * Answers the values of a defaults object, as written, and the types it says it satisfies.
 * @param {import("./parse-module.mjs").ParsedModule} module
 * @param {Node} node
 * @returns {{ types: string[], values: Map<string, string> }}
 */
function tableOf(module, { init }) {
  const types = [...nodesOf(init.typeAnnotation)]
    .filter((each) => each.type === "Identifier")
    .map((each) => each.name);
  const object =
    init.expression.type === "TSAsExpression" ? init.expression.expression : init.expression;
  const members =
    object.type === "ObjectExpression"
      ? object.properties.filter((/** @type {Node} */ each) => each.type === "Property")
      : [];
  return {
    types,
    values: new Map(
      members.map((/** @type {Node} */ each) => [
        each.key.name ?? each.key.value,
        module.textOf(each.value),
      ]),
    ),
  };
}

/**
 * A module with one interface and one table means the one by the other, also when the type has another name.
 * @param {readonly { values: Map<string, string> }[]} tables
 * @param {readonly Node[]} interfaces
 */
function onlyValues(tables, interfaces) {
  return tables.length === 1 && interfaces.length === 1 ? tables[0].values : new Map();
}

/**
 * @param {import("./parse-module.mjs").ParsedModule} module
 * @param {{ member: Node, isOption: boolean, values: Map<string, string> }} what
 */
function wrongMember(module, { member, isOption, values }) {
  if (member.type !== "TSPropertySignature" && member.type !== "TSMethodSignature")
    return undefined;
  const name = member.key.name ?? member.key.value;
  const documented = /@default\s+([^\n]*)/.exec(commentBefore(module, member.start))?.[1];
  if (documented === undefined)
    return isOption && member.optional ? `the option ${name} documents no @default` : undefined;
  const actual = values.get(name);
  if (actual === undefined || agree(documented, actual)) return undefined;
  return `the option ${name} documents the default ${documented.replace(/\s*\*\/.*$/, "").trim()}, but it is ${actual}`;
}

/**
 * Answers the JSDoc comment that ends right before a position.
 * @param {import("./parse-module.mjs").ParsedModule} module
 * @param {number} position
 */
function commentBefore(module, position) {
  const before = module.text.slice(0, position).trimEnd();
  return before.endsWith("*/") ? before.slice(before.lastIndexOf("/**")) : "";
}

/**
 * Compares `@default {16384} and more words`, or `@default 16384, and more words`, with a value as written.
 * @param {string} documented
 * @param {string} actual
 */
function agree(documented, actual) {
  const value = plain(actual);
  const braced = inBraces(documented);
  if (braced !== undefined) return plain(braced) === value;
  // What a function does is told in words.
  if (actual.includes("=>")) return true;
  const words = plain(documented.replace(/\s*\*\/.*$/, ""));
  return words === value || (words.startsWith(value) && /^[,;. ]/.test(words.slice(value.length)));
}

/**
 * Answers what is inside the braces a text begins with.
 * @param {string} text
 */
function inBraces(text) {
  if (!text.startsWith("{")) return undefined;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === "{") depth += 1;
    if (text[index] === "}") depth -= 1;
    if (depth === 0) return text.slice(1, index);
  }
  return undefined;
}

/**
 * Writes a value in one way: no `as const`, single spaces, double quotes, products of numbers worked out.
 * @param {string} text
 */
function plain(text) {
  const value = text
    .trim()
    .replace(/\s+as\s+.+$/s, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll("'", '"');
  if (!/^[\d_]+( ?\*\*? ?[\d_]+)*$/.test(value)) return value;
  const factors = value.replaceAll("_", "").split(/ ?(?<!\*)\*(?!\*) ?/);
  return String(
    factors.reduce(
      (product, factor) =>
        product *
        factor
          .split(/ ?\*\* ?/)
          .map(Number)
          .reduce((a, b) => a ** b),
      1,
    ),
  );
}
