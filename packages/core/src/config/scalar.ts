import { formatNumber } from "./float-text.ts";
import type { ConfigNode } from "./tree.ts";

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
const longestInteger = 64;

/** Whether an integer has 64 bits at most. */
export function isInt64(value: bigint): boolean {
  return value >= minInt64 && value <= maxInt64;
}

/** The text of a leaf; undefined for maps, lists and null. */
export function scalarText(node: ConfigNode | undefined): string | undefined {
  if (typeof node === "string") return node;
  if (typeof node === "number") return formatNumber(node);
  return typeof node === "boolean" || typeof node === "bigint" ? String(node) : undefined;
}

/** Reads a base-10 integer with an optional sign; undefined for anything else and beyond 64 bits. */
export function parseInt64Text(text: string): bigint | undefined {
  if (text.length > longestInteger || !/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return isInt64(value) ? value : undefined;
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((text): [string, boolean] => [text, true]),
  ...["0", "f", "F", "false", "FALSE", "False"].map((text): [string, boolean] => [text, false]),
]);

/** Reads the boolean words Go's ParseBool knows; undefined for anything else. */
export function parseBoolText(text: string): boolean | undefined {
  return booleans.get(text);
}
