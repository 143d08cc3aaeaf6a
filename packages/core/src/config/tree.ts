/** What a leaf or branch of the configuration can be. All of it is frozen. */
export type ConfigNode =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly ConfigNode[]
  | ConfigTree;

/** A branch of the configuration: no prototype, own keys only. Integers beyond 2^53 are bigint, all other numbers number. */
export interface ConfigTree {
  readonly [key: string]: ConfigNode;
}

/** How many maps and lists may stand inside one another. */
export const maxDepth = 100;
// Aliases of a YAML document can make a small text a very large tree.
const maxNodes = 1_000_000;
// They mean something to JavaScript, never to a configuration.
const forbidden: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** The tree without keys. */
export const emptyTree: ConfigTree = Object.freeze(Object.create(null));

/** Whether a node is a map. */
export function isTree(node: ConfigNode | undefined): node is ConfigTree {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}

/** Whether a node is a list. Array.isArray does not narrow a readonly array. */
export function isList(node: ConfigNode | undefined): node is readonly ConfigNode[] {
  return Array.isArray(node);
}

/** Freezes entries as a branch, leaving out the keys that mean something to JavaScript. */
export function treeOf(entries: Iterable<readonly [string, ConfigNode]>): ConfigTree {
  const tree: Record<string, ConfigNode> = Object.create(null);
  for (const [key, node] of entries) if (!forbidden.has(key)) tree[key] = node;
  return Object.freeze(tree);
}

/**
 * Copies what a decoder made into a tree.
 * @throws {TypeError} If it is no map, or holds a function or a symbol.
 * @throws {RangeError} If it is nested too deeply, in itself, or too large.
 */
export function toTree(decoded: unknown): ConfigTree {
  if (decoded === undefined || decoded === null) return emptyTree;
  const node = copy(decoded, { depth: 0, budget: { nodes: maxNodes } });
  if (isTree(node)) return node;
  throw new TypeError(
    `Cannot take a document as its top must be a map: current value is a ${kindOf(node)}`,
  );
}

/** Finds what stands at a path. Null counts as absent; lists are not entered. */
export function lookUp(tree: ConfigTree, segments: readonly string[]): ConfigNode | undefined {
  let node: ConfigNode | undefined = tree;
  for (const segment of segments) {
    if (!isTree(node)) return undefined;
    node = node[segment];
  }
  return node ?? undefined;
}

/** Whether two nodes have the same content. */
export function isSameNode(one: ConfigNode | undefined, other: ConfigNode | undefined): boolean {
  if (Object.is(one, other) || one === other) return true;
  if (isList(one) && isList(other)) {
    return (
      one.length === other.length && one.every((node, index) => isSameNode(node, other[index]))
    );
  }
  if (!isTree(one) || !isTree(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSameNode(one[key], other[key]))
  );
}

/** What to call a node in an error. */
export function kindOf(node: ConfigNode | undefined): string {
  if (node === null || node === undefined) return "null";
  if (isList(node)) return "list";
  if (isTree(node)) return "map";
  return typeof node === "boolean" || typeof node === "string" ? typeof node : "number";
}

interface Walk {
  readonly depth: number;
  readonly budget: { nodes: number };
}

function copy(value: unknown, walk: Walk): ConfigNode {
  if (walk.budget.nodes-- <= 0) {
    throw new RangeError(
      `Cannot take a document as it must have ${maxNodes} values at most: current value is more`,
    );
  }
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "number")
    return value;
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return toNumber(value);
  if (typeof value !== "object") {
    throw new TypeError(
      `Cannot take a document as it must hold data only: current value is a ${typeof value}`,
    );
  }
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Date) return value.toISOString();
  if (walk.depth >= maxDepth) {
    throw new RangeError(
      `Cannot take a document as it must be nested ${maxDepth} deep at most: current value is deeper`,
    );
  }
  const inner: Walk = { depth: walk.depth + 1, budget: walk.budget };
  if (Array.isArray(value)) return Object.freeze(value.map((item: unknown) => copy(item, inner)));
  const entries = value instanceof Map ? value : Object.entries(value);
  return treeOf([...entries].map(([key, item]) => [keyText(key), copy(item, inner)]));
}

function toNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function keyText(key: unknown): string {
  if (typeof key === "object" && key !== null) {
    throw new TypeError(
      "Cannot take a document as its keys must be scalars: current value is a map or list",
    );
  }
  return String(key);
}
