// At most two positional parameters in what users call, then `options`.
import path from "node:path";
import { isExcused } from "./lib/exceptions.mjs";
import { parseModule } from "./lib/parse-module.mjs";
import { sourceFiles } from "./lib/source-files.mjs";

/** @typedef {import("./lib/parse-module.mjs").Node} Node */

/**
 * Finds public functions and methods whose third parameter is not their options.
 * @param {string} base
 * @returns {import("./lib/finding.mjs").Finding[]}
 */
export function checkSignatures(base) {
  const sources = sourceFiles(base);
  const indexes = sources.filter(
    (file) => file.startsWith("packages/") && path.posix.basename(file) === "index.ts",
  );
  /** @type {Map<string, Set<string>>} */
  const publicNames = new Map();
  for (const index of indexes) collectNames(publicNames, parseModule(base, index));
  return sources
    .filter((file) => publicNames.has(file))
    .flatMap((file) => {
      const module = parseModule(base, file);
      return module.program.body
        .flatMap((/** @type {Node} */ statement) =>
          signaturesOf(statement, publicNames.get(file) ?? new Set()),
        )
        .filter((/** @type {Node} */ each) => hasPositionalThird(each.params))
        .map((/** @type {Node} */ each) => ({
          file,
          line: module.lineOf(each.start),
          message: "takes more than two positional parameters: the third is `options`",
        }))
        .filter(
          (/** @type {import("./lib/finding.mjs").Finding} */ each) =>
            !isExcused(module.lines, each.line),
        );
    });
}

/**
 * Notes the names an index re-exports, by the file they come from.
 * @param {Map<string, Set<string>>} publicNames
 * @param {import("./lib/parse-module.mjs").ParsedModule} index
 */
function collectNames(publicNames, index) {
  for (const node of index.program.body) {
    if (node.type !== "ExportNamedDeclaration" || node.source === null) continue;
    const file = path.posix.join(path.posix.dirname(index.file), node.source.value);
    const names = publicNames.get(file) ?? new Set();
    for (const specifier of node.specifiers)
      names.add(specifier.local.name ?? specifier.local.value);
    publicNames.set(file, names);
  }
}

/**
 * Answers the public functions and methods a statement declares.
 * @param {Node} statement
 * @param {ReadonlySet<string>} names
 * @returns {Node[]}
 */
function signaturesOf(statement, names) {
  const declaration =
    statement.type === "ExportNamedDeclaration" ? statement.declaration : undefined;
  if (!declaration) return [];
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations
      .filter((/** @type {Node} */ each) => names.has(each.id.name) && each.init?.params)
      .map((/** @type {Node} */ each) => each.init);
  }
  if (!names.has(declaration.id?.name)) return [];
  if (declaration.type === "FunctionDeclaration") return [declaration];
  if (declaration.type === "ClassDeclaration")
    return declaration.body.body
      .filter(isPublicMethod)
      .map((/** @type {Node} */ each) => each.value);
  if (declaration.type === "TSInterfaceDeclaration")
    return declaration.body.body.filter((/** @type {Node} */ each) => each.params);
  return [];
}

/** @param {Node} member */
function isPublicMethod(member) {
  return (
    member.type === "MethodDefinition" &&
    member.key.type !== "PrivateIdentifier" &&
    member.accessibility !== "private"
  );
}

/** @param {Node[]} params */
function hasPositionalThird(params) {
  const third = params.filter((each) => each.name !== "this")[2];
  if (third === undefined || third.type === "RestElement") return false;
  const target = third.type === "AssignmentPattern" ? third.left : third;
  return target.type === "Identifier" && !/options$/i.test(target.name);
}
