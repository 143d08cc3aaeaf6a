import type { XmlElement } from "./read-xml.ts";
import { escapeXml } from "./xml-text.ts";

/**
 * Writes a plain value as an element named after its type, as Go does: `<string>`, `<int>`, `<float64>`,
 * `<bool>`, and here `<object>` and `<array>`. Lists repeat their member's element; null is nothing.
 * @throws TypeError for what has no text, cycles and names that are none in XML
 */
export function formatPlainXml(value: unknown): string {
  return isNothing(value) ? "" : elementText(rootName(value), value, []);
}

/** Reads an element as text, or as an object without a prototype whose repeated members are lists. */
export function plainOf({ text, children }: XmlElement): unknown {
  if (children.length === 0) return text;
  const object = Object.create(null) as Record<string, unknown>; // without a prototype no name is special
  for (const child of children) {
    // The object may be copied into another one, where these names are special again.
    if (child.name === "__proto__" || child.name === "constructor" || child.name === "prototype")
      continue;
    const before = object[child.name];
    const value = plainOf(child);
    if (before === undefined) object[child.name] = value;
    else if (Array.isArray(before)) before.push(value);
    else object[child.name] = [before, value];
  }
  return object;
}

function rootName(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float64";
  if (typeof value === "bigint") return "int64";
  return typeof value === "boolean" ? "bool" : typeof value;
}

const xmlName = /^[\p{L}_][\p{L}\p{N}._-]*$/u;

function elementText(name: string, value: unknown, parents: readonly object[]): string {
  if (!xmlName.test(name)) fail("the names of its members must be names in XML", name);
  return `<${name}>${contentText(value, parents)}</${name}>`;
}

function contentText(value: unknown, parents: readonly object[]): string {
  if (typeof value === "string") return escapeXml(value);
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value !== "object" || value === null)
    return fail("it must be made of text, numbers, booleans, lists and objects", typeof value);
  if (parents.includes(value)) fail("it must not hold itself", "a cycle");
  const within = [...parents, value];
  const members: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? [["item", value]]
    : Object.entries(value);
  return members.map(([name, member]) => memberText(name, member, within)).join("");
}

function memberText(name: string, value: unknown, parents: readonly object[]): string {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items
    .filter((item) => !isNothing(item))
    .map((item) => elementText(name, item, parents))
    .join("");
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "function";
}

function fail(rule: string, value: string): never {
  throw new TypeError(
    `Cannot encode a value as XML as ${rule}: current value is ${JSON.stringify(value)}`,
  );
}
