import type { QueryPair } from "./query.ts";
import { formatQuery, parseQuery } from "./query.ts";

/**
 * Writes a flat object as a query: lists repeat the key, null and undefined are left out.
 * @throws TypeError for members that are objects
 */
export function formatPlainForm(value: unknown): string {
  if (typeof value !== "object" || value === null)
    throw new TypeError(
      `Cannot encode a value as a form as it must be an object: current value is ${String(value)}`,
    );
  const pairs: QueryPair[] = [];
  for (const [key, member] of Object.entries(value)) {
    const items: readonly unknown[] = Array.isArray(member) ? member : [member];
    for (const item of items) {
      if (item !== null && item !== undefined) pairs.push([key, plainText(key, item)]);
    }
  }
  return formatQuery(pairs);
}

/** Reads a query into a flat object without a prototype; keys given more than once become lists. */
export function parsePlainForm(text: string, maxPairs: number): Record<string, string | string[]> {
  const object: Record<string, string | string[]> = Object.create(null);
  for (const [key, values] of parseQuery(text, { maxPairs })) {
    const [first = ""] = values;
    // The object may be spread into another one, where this key would be the prototype again.
    if (key !== "__proto__") object[key] = values.length > 1 ? values : first;
  }
  return object;
}

function plainText(key: string, item: unknown): string {
  if (typeof item === "string") return item;
  if (typeof item === "number" || typeof item === "bigint" || typeof item === "boolean") {
    return String(item);
  }
  throw new TypeError(
    `Cannot encode member "${key}" as a form as it must be text, a number, a boolean or a list of them: current value is of type ${typeof item}`,
  );
}
