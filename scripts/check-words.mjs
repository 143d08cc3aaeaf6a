// Words that do not belong: seconds in names, notes to come back, focused, skipped or sleeping tests, paths of one machine.
import { readFileSync } from "node:fs";
import path from "node:path";
import { isExcused } from "./lib/exceptions.mjs";
import { listFiles } from "./lib/list-files.mjs";
import { nodesOf, parseModule } from "./lib/parse-module.mjs";
import { codeFiles, isTest } from "./lib/source-files.mjs";

/** @typedef {import("./lib/parse-module.mjs").Node} Node */

const binary = /\.(png|jpe?g|gif|ico|woff2?|pb|bin|gz|pem|key|crt|der)$/;

// With a letter in brackets, so that this file does not find itself.
const note = /\b(TO[D]O|FIX[M]E|X[X]X)\b/;
const machinePath = /(?<![\w.:)}-])\/(wor[k]|roo[t]|hom[e])\//;

/** A wait of so long in a test is a guess about a machine. */
const sleepMs = 100;

/**
 * Finds words that do not belong, in every text file of the project.
 * @param {string} base
 * @returns {import("./lib/finding.mjs").Finding[]}
 */
export function checkWords(base) {
  const texts = listFiles(base).filter(
    (file) => !binary.test(file) && file !== "package-lock.json",
  );
  return [
    ...texts.flatMap((file) => wrongLines(file, readFileSync(path.join(base, file), "utf8"))),
    ...codeFiles(base).flatMap((file) => wrongNodes(parseModule(base, file))),
  ];
}

/**
 * @param {string} file
 * @param {string} text
 */
function wrongLines(file, text) {
  const recorded = file.includes("/testdata/") || file.includes("/src/gen/");
  return text.split("\n").flatMap((content, index) => {
    const messages = [];
    if (!recorded && note.test(content))
      messages.push("has a note to come back: do it, or open an issue");
    if (machinePath.test(content)) messages.push("names a path of one machine");
    return messages.map((message) => ({ file, line: index + 1, message }));
  });
}

/** @param {import("./lib/parse-module.mjs").ParsedModule} module */
function wrongNodes(module) {
  const test = isTest(module.file);
  return [...nodesOf(module.program)].flatMap((node) => {
    const line = module.lineOf(node.start);
    const message = secondsInName(node)
      ? "names seconds: use milliseconds and ...Ms"
      : test
        ? wrongTest(module, node)
        : undefined;
    return message && !isExcused(module.lines, line) ? [{ file: module.file, line, message }] : [];
  });
}

/**
 * Tells whether a property, option or parameter is named after seconds.
 * @param {Node} node
 */
function secondsInName(node) {
  const members = new Set([
    "TSPropertySignature",
    "PropertyDefinition",
    "TSMethodSignature",
    "MethodDefinition",
  ]);
  const names = members.has(node.type) ? [node.key] : (node.params ?? []);
  return names.some((/** @type {Node} */ each) =>
    /(Seconds|Secs)$/.test(each.left?.name ?? each.name ?? ""),
  );
}

/**
 * @param {import("./lib/parse-module.mjs").ParsedModule} module
 * @param {Node} node
 */
function wrongTest(module, node) {
  const name = testModifier(node);
  if (name === "only") return "runs alone: remove .only";
  if (name === "todo") return "has a note to come back: write the test, or open an issue";
  if (name !== undefined && !hasReason(module, node))
    return `skips without a reason: add // skip: <reason>`;
  if (isBareSkip(node)) return `skips without a reason: skip("<reason>")`;
  return isSleep(node) ? `sleeps: wait for what is to happen, or use a fake clock` : undefined;
}

/**
 * Answers the modifier in `it.only`, `describe.skip` and the like.
 * @param {Node} node
 * @returns {string | undefined}
 */
function testModifier(node) {
  if (node.type !== "MemberExpression" || node.computed) return undefined;
  const object = node.object.type === "MemberExpression" ? node.object.object : node.object;
  if (!["it", "test", "describe", "suite"].includes(object.name)) return undefined;
  return ["only", "todo", "skip", "skipIf", "runIf"].find((each) => each === node.property.name);
}

/**
 * @param {import("./lib/parse-module.mjs").ParsedModule} module
 * @param {Node} node
 */
function hasReason(module, node) {
  const line = module.lineOf(node.start);
  if (/\$\{reason\}/.test(module.lines[line - 1] ?? "")) return true; // in its name
  return [line, line - 1].some((each) => /\/\/ skip: \S.{7,}/.test(module.lines[each - 1] ?? ""));
}

/**
 * Tells whether a running test skips itself and says nothing: `context.skip()`.
 * @param {Node} node
 */
function isBareSkip(node) {
  if (node.type !== "CallExpression" || node.arguments.some(isText)) return false;
  const { callee } = node;
  if (callee.type === "Identifier") return callee.name === "skip";
  const onContext =
    callee.type === "MemberExpression" && /^(ctx|context|t|task)$/.test(callee.object.name ?? "");
  return onContext && callee.property.name === "skip";
}

/** @param {Node} node */
function isText(node) {
  return (
    node.type === "TemplateLiteral" || (node.type === "Literal" && typeof node.value === "string")
  );
}

/**
 * Tells whether a call waits for a fixed, long time: `setTimeout(500)` of node:timers/promises, or
 * `new Promise((resolve) => setTimeout(resolve, 500))`. A timer that guards something else, and a
 * wait that a signal ends, are fine.
 * @param {Node} node
 */
function isSleep(node) {
  if (isTimer(node)) return isLong(node.arguments[0]) && !node.arguments.some(isOptions);
  if (node.type !== "NewExpression" || node.callee.name !== "Promise") return false;
  const executor = node.arguments[0];
  const resolve = executor?.params?.[0]?.name;
  if (resolve === undefined) return false;
  return [...nodesOf(executor.body)].some(
    (each) => isTimer(each) && isLong(each.arguments[1]) && calls(each.arguments[0], resolve),
  );
}

/** @param {Node} node */
function isOptions(node) {
  return node.type === "ObjectExpression";
}

/** @param {Node} node */
function isTimer(node) {
  if (node.type !== "CallExpression") return false;
  return ["setTimeout", "sleep", "delay"].includes(node.callee.name ?? node.callee.property?.name);
}

/** @param {Node | undefined} node */
function isLong(node) {
  return node?.type === "Literal" && typeof node.value === "number" && node.value >= sleepMs;
}

/**
 * Tells whether a callback is the function of that name, or does nothing but call it.
 * @param {Node} callback
 * @param {string} name
 */
function calls(callback, name) {
  if (callback.name === name) return true;
  const body =
    callback.body?.type === "BlockStatement" ? callback.body.body[0]?.expression : callback.body;
  return body?.type === "CallExpression" && body.callee.name === name;
}
