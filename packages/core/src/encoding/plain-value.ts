import { DecodeError } from "./decode-error.ts";

/** Keys through which input could reach the prototypes of objects it is later copied into. */
const harmful: readonly string[] = ["__proto__", "constructor", "prototype"];

/**
 * Makes a freshly parsed value safe to hand on: drops keys that reach prototypes, in place.
 * @throws DecodeError where it nests deeper than `maxDepth`
 */
export function sanitizePlainValue(value: unknown, maxDepth: number): unknown {
  visitObjects(value, maxDepth, (node) => {
    for (const key of harmful) {
      if (Object.hasOwn(node, key)) Reflect.deleteProperty(node, key);
    }
  });
  return value;
}

/**
 * Refuses a value that nests deeper than `maxDepth`, and changes nothing.
 * @throws DecodeError
 */
export function checkDepth(value: unknown, maxDepth: number): void {
  visitObjects(value, maxDepth, () => {});
}

function visitObjects(value: unknown, maxDepth: number, visit: (node: object) => void): void {
  const pending: { readonly node: object; readonly depth: number }[] = [];
  const enter = (child: unknown, depth: number): void => {
    if (typeof child !== "object" || child === null) return;
    if (depth > maxDepth)
      throw new DecodeError(`value nests too deep: the limit is ${maxDepth} levels`);
    pending.push({ node: child, depth });
  };
  enter(value, 1);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    visit(next.node);
    for (const child of Object.values(next.node)) enter(child, next.depth + 1);
  }
}
