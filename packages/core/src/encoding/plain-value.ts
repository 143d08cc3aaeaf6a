import { DecodeError } from "./decode-error.ts";

/** Keys through which input could reach the prototypes of objects it is later copied into. */
const harmful: readonly string[] = ["__proto__", "constructor", "prototype"];

/**
 * Makes a freshly parsed value safe to hand on: drops keys that reach prototypes, in place.
 * @throws DecodeError where it nests deeper than `maxDepth`
 */
export function sanitizePlainValue(value: unknown, maxDepth: number): unknown {
  const pending: { readonly node: object; readonly depth: number }[] = [];
  const enter = (child: unknown, depth: number): void => {
    if (typeof child !== "object" || child === null) return;
    if (depth > maxDepth) throw new DecodeError(`value nests deeper than ${maxDepth} levels`);
    pending.push({ node: child, depth });
  };
  enter(value, 1);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const key of harmful) {
      if (Object.hasOwn(next.node, key)) delete (next.node as Record<string, unknown>)[key]; // any object
    }
    for (const child of Object.values(next.node)) enter(child, next.depth + 1);
  }
  return value;
}
