import { ConfigResolveError } from "./config-errors.ts";
import { splitPlaceholders, type TextPart } from "./placeholder.ts";
import { parseInt64Text, scalarText } from "./scalar.ts";
import { parseFloatText } from "./float-text.ts";
import { type ConfigNode, type ConfigTree, isList, isTree, lookUp, treeOf } from "./tree.ts";

/** Answers a tree in which the placeholders of the given one are replaced. */
export type Resolver = (tree: ConfigTree) => ConfigTree;

/**
 * Replaces the placeholders in all texts of a tree, maps in lists included, lists in lists not.
 * A placeholder stands for the text of the leaf its name is the path of; a map or list stands for no text;
 * what is not found for the fallback. Leaves that hold placeholders themselves are resolved first.
 * @throws {ConfigResolveError} If leaves refer to one another in a circle, or the texts grow without measure.
 */
export const resolvePlaceholders: Resolver = (tree) => resolveTree(tree, substitute);

/**
 * Does the same, except that a text with a placeholder becomes, as a whole, the value of its first one:
 * text in double quotes a string, true and false a boolean, numbers a number.
 * @throws {ConfigResolveError} As `resolvePlaceholders`.
 */
export const resolveActualTypes: Resolver = (tree) => resolveTree(tree, firstValue);

/** Makes the value of a text with placeholders; `find` answers the resolved leaf of a name. */
type Expand = (
  parts: readonly TextPart[],
  find: (name: string) => ConfigNode | undefined,
) => ConfigNode;

interface Work {
  readonly tree: ConfigTree;
  readonly expand: Expand;
  /** What the leaves that others refer to came to be. */
  readonly done: Map<string, ConfigNode>;
  /** The leaves being resolved, outermost first. */
  readonly open: string[];
  expandedLength: number;
}

// A few lines that refer to one another twice each can ask for gigabytes.
const maxExpandedLength = 16 * 1024 * 1024;
// Each leaf of a chain is some calls deep.
const maxChain = 100;
// Keys may hold dots: a joined by a dot to b would be mistaken for the key "a.b".
const separator = "\0";

function resolveTree(tree: ConfigTree, expand: Expand): ConfigTree {
  return resolveMap({ tree, expand, done: new Map(), open: [], expandedLength: 0 }, tree, "");
}

function resolveMap(work: Work, map: ConfigTree, prefix: string): ConfigTree {
  const entries = Object.entries(map).map(([key, node]): [string, ConfigNode] => {
    const path = prefix + key;
    if (isTree(node)) return [key, resolveMap(work, node, path + separator)];
    if (isList(node))
      return [
        key,
        Object.freeze(
          node.map((item, at) => resolveItem(work, item, `${path}${separator}[${at}]`)),
        ),
      ];
    return [key, typeof node === "string" ? resolveText(work, node, path) : node];
  });
  return treeOf(entries);
}

function resolveItem(work: Work, item: ConfigNode, path: string): ConfigNode {
  if (isTree(item)) return resolveMap(work, item, path + separator);
  return typeof item === "string" ? resolveText(work, item, path) : item;
}

function resolveText(work: Work, text: string, path: string): ConfigNode {
  if (!text.includes("${")) return text;
  const known = work.done.get(path);
  if (known !== undefined) return known;
  const start = work.open.indexOf(path);
  if (start >= 0) {
    const cycle = [...work.open.slice(start), path].map(readable);
    throw new ConfigResolveError(
      `Cannot resolve placeholders as they refer in a circle: ${cycle.join(" -> ")}`,
      cycle,
    );
  }
  if (work.open.length >= maxChain) {
    throw new ConfigResolveError(
      `Cannot resolve "${readable(path)}" as a chain must have ${maxChain} placeholders at most`,
    );
  }
  work.open.push(path);
  const resolved = work.expand(splitPlaceholders(text), (name) => findLeaf(work, name));
  work.open.pop();
  work.done.set(path, resolved);
  charge(work, resolved, path);
  return resolved;
}

function findLeaf(work: Work, name: string): ConfigNode | undefined {
  const segments = name.split(".");
  const node = lookUp(work.tree, segments);
  return typeof node === "string" ? resolveText(work, node, segments.join(separator)) : node;
}

function readable(path: string): string {
  return path.replaceAll(separator, ".");
}

function charge(work: Work, resolved: ConfigNode, path: string): void {
  if (typeof resolved === "string") work.expandedLength += resolved.length;
  if (work.expandedLength > maxExpandedLength) {
    throw new ConfigResolveError(
      `Cannot resolve "${readable(path)}" as all texts with placeholders must come to ${maxExpandedLength} characters at most`,
    );
  }
}

const substitute: Expand = (parts, find) =>
  parts
    .map((part) => (part.kind === "text" ? part.text : textOf(find(part.name), part.fallback)))
    .join("");

const firstValue: Expand = (parts, find) => {
  const first = parts.find((part) => part.kind === "placeholder");
  if (first === undefined)
    return parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
  const found = find(first.name);
  if (typeof found === "boolean" || typeof found === "number" || typeof found === "bigint")
    return found;
  return typedValue(textOf(found, first.fallback));
};

function textOf(node: ConfigNode | undefined, fallback: string): string {
  return node === undefined ? fallback : (scalarText(node) ?? "");
}

function typedValue(text: string): ConfigNode {
  if (text.startsWith('"') && text.endsWith('"'))
    return text.replace(/^"+/, "").replace(/(?<!")"+$/, "");
  if (text === "true" || text === "false") return text === "true";
  const number = text.includes(".") ? parseFloatText(text) : parseInt64Text(text);
  if (typeof number !== "bigint") return number ?? text;
  return Number.isSafeInteger(Number(number)) ? Number(number) : number;
}
