/**
 * Turns any value into JSON text without trusting it: cycles, getters that throw, huge or deep
 * structures, bigint, bytes, errors and protobuf messages all give a bounded line, and never an exception.
 */
import { types } from "node:util";
import { isGroup, type Mask, masked } from "./mask.ts";
import { quote } from "./quote.ts";
import type { ValueLimits } from "./value-limits.ts";

/** What one field's walk knows: a toJSON may log in turn, so this cannot live in the encoder. */
interface Walk {
  remaining: number;
  path: string;
  /** Whether the text says less than the value: something was masked, cut or unreadable. */
  reduced: boolean;
  readonly ancestors: object[];
}

const longestBytes = 1024;
const quotedMask = quote(masked);
const errorMembers = ["message", "name", "code", "reason", "stack", "cause", "errors"];

export class ValueEncoder {
  readonly #limits: Required<ValueLimits>;
  readonly #mask: Mask | undefined;

  constructor(limits: Required<ValueLimits>, mask?: Mask) {
    this.#limits = limits;
    this.#mask = mask;
  }

  /** Writes one field's value as JSON text. */
  encode(key: string, value: unknown): string {
    if (this.#mask === undefined) {
      if (typeof value === "string") return this.#text(value);
      if (typeof value === "number") return numberText(value);
    }
    return this.#member(key, value, newWalk(this.#limits));
  }

  /** Answers the value itself when all of it may be seen and written, otherwise a plain copy of what may. */
  reduce(key: string, value: unknown): unknown {
    const walk = newWalk(this.#limits);
    const text = this.#member(key, value, walk);
    return walk.reduced ? JSON.parse(text, withoutPrototypes) : value;
  }

  /** Writes a string, cut to the longest allowed. */
  #text(text: string): string {
    const { maxStringLength } = this.#limits;
    if (text.length <= maxStringLength) return quote(text);
    return quote(`${text.slice(0, maxStringLength)}… ${text.length - maxStringLength} more`);
  }

  #member(key: string, value: unknown, walk: Walk): string {
    const mask = this.#mask;
    if (mask === undefined) return this.#value(value, walk);
    const outer = walk.path;
    if (mask.usesPaths) walk.path = outer === "" ? key : `${outer}.${key}`;
    const text = this.#maskedMember(key, value, walk);
    walk.path = outer;
    return text;
  }

  #maskedMember(key: string, value: unknown, walk: Walk): string {
    const mask = this.#mask;
    if (mask?.hidesValue(value) || (mask?.hidesKey(key, walk.path) && !isGroupSafely(value))) {
      walk.reduced = true;
      return quotedMask;
    }
    return this.#value(value, walk);
  }

  #value(value: unknown, walk: Walk): string {
    return typeof value === "object" && value !== null
      ? this.#object(value, walk)
      : this.#scalar(value, walk);
  }

  #scalar(value: unknown, walk: Walk): string {
    const text = this.#scalarText(value);
    if (typeof value === "string" && value.length > this.#limits.maxStringLength)
      walk.reduced = true;
    walk.remaining -= text.length;
    return text;
  }

  #scalarText(value: unknown): string {
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "number") return numberText(value);
    if (typeof value === "boolean") return value ? "true" : "false";
    if (typeof value === "bigint" || typeof value === "symbol")
      return this.#text(safely(() => String(value)));
    if (typeof value === "function") return quote(safely(() => `[function ${value.name}]`));
    return "null";
  }

  #object(value: object, walk: Walk): string {
    const { ancestors } = walk;
    let text = this.#refusal(value, walk);
    if (text !== undefined) {
      walk.reduced = true;
      return text;
    }
    ancestors.push(value);
    const outer = walk.path;
    try {
      text = this.#objectText(value, walk);
    } catch {
      walk.reduced = true;
      walk.path = outer;
      text = '"[unreadable]"';
    }
    ancestors.pop();
    walk.remaining -= 2;
    return text;
  }

  #refusal(value: object, walk: Walk): string | undefined {
    if (walk.remaining <= 0) return '"[cut]"';
    if (walk.ancestors.includes(value)) return '"[circular]"';
    if (walk.ancestors.length >= this.#limits.maxDepth) return '"[deep]"';
    return undefined;
  }

  // ceiling: one case for each kind of object that has a text of its own
  #objectText(value: object, walk: Walk): string {
    if (isGroup(value) && !("toJSON" in value)) return this.#members(value, walk);
    if (Array.isArray(value)) return this.#list(value, walk);
    if (value instanceof Error || types.isNativeError(value)) return this.#error(value, walk);
    if (value instanceof Date)
      return Number.isNaN(value.getTime()) ? '"[invalid date]"' : quote(value.toISOString());
    if (value instanceof Uint8Array) return this.#scalar(bytesText(value), walk);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
      return `"[${value.byteLength} bytes]"`;
    if (value instanceof Map) return this.#map(value, walk);
    if (value instanceof Set) return this.#list([...take(value, this.#limits.maxItems + 1)], walk);
    if (value instanceof RegExp) return this.#scalar(String(value), walk);
    if ("toJSON" in value && typeof value.toJSON === "function")
      return this.#value(value.toJSON(), walk);
    return this.#members(value, walk);
  }

  #members(value: object, walk: Walk): string {
    const keys = Object.keys(value);
    return this.#entries(value, "$typeName" in value ? keys.filter(isMessageField) : keys, walk);
  }

  #error(error: Error, walk: Walk): string {
    if (this.#mask !== undefined) this.#searchExtras(error, walk);
    // The stack repeats the message.
    const isHidden = this.#mask?.hidesValue(readProperty(error, "message")) === true;
    const keys = errorMembers.filter((key) => {
      const value = readProperty(error, key);
      if (key === "stack" && isHidden) return false;
      return value !== undefined && value !== "" && !(key === "name" && value === "Error");
    });
    return this.#entries(error, keys, walk);
  }

  /** What an error carries besides is not written here, but would be by other libraries' handlers. */
  #searchExtras(error: Error, walk: Walk): void {
    for (const key of Object.keys(error)) {
      if (!errorMembers.includes(key)) this.#member(key, readProperty(error, key), walk);
    }
  }

  #map(map: ReadonlyMap<unknown, unknown>, walk: Walk): string {
    const members: Record<string, unknown> = Object.create(null);
    for (const [key, value] of take(map, this.#limits.maxItems + 1)) {
      members[keyName(key)] = value;
    }
    return this.#entries(members, Object.keys(members), walk);
  }

  #list(values: readonly unknown[], walk: Walk): string {
    const { maxItems } = this.#limits;
    let text = "";
    for (let index = 0; index < values.length; index++) {
      if (index >= maxItems || walk.remaining <= 0) {
        walk.reduced = true;
        text += `${index === 0 ? "" : ","}"[cut]"`;
        break;
      }
      text += `${index === 0 ? "" : ","}${this.#element(values[index], walk)}`;
    }
    return `[${text}]`;
  }

  // An element has no name of its own; a path goes through a list as if it were not there.
  #element(value: unknown, walk: Walk): string {
    if (this.#mask?.hidesValue(value) !== true) return this.#value(value, walk);
    walk.reduced = true;
    return quotedMask;
  }

  #entries(source: object, keys: readonly string[], walk: Walk): string {
    const { maxItems } = this.#limits;
    let text = "{";
    let count = 0;
    for (const key of keys) {
      if (count > 0) text += ",";
      if (count++ >= maxItems || walk.remaining <= 0) {
        walk.reduced = true;
        text += '"…":"[cut]"';
        break;
      }
      const keyText = this.#text(key);
      walk.remaining -= keyText.length;
      text += `${keyText}:${this.#member(key, readProperty(source, key), walk)}`;
    }
    return `${text}}`;
  }
}

/** Reads a member whose getter may throw. */
export function readProperty(object: object, key: string): unknown {
  try {
    return (object as Readonly<Record<string, unknown>>)[key]; // any object may be asked for any key
  } catch {
    return "[unreadable]";
  }
}

function withoutPrototypes(key: string, value: unknown): unknown {
  return key === "__proto__" ? undefined : value;
}

function keyName(key: unknown): string {
  if (typeof key === "string") return key;
  return typeof key === "number" || typeof key === "bigint" || typeof key === "boolean"
    ? `${key}`
    : `[${typeof key}]`;
}

/** Not what protobuf-es keeps in a message for itself. */
function isMessageField(key: string): boolean {
  return key !== "$typeName" && key !== "$unknown";
}

function newWalk(limits: Required<ValueLimits>): Walk {
  return { remaining: limits.maxRecordLength, path: "", reduced: false, ancestors: [] };
}

function isGroupSafely(value: unknown): boolean {
  try {
    return isGroup(value);
  } catch {
    return false;
  }
}

function safely(text: () => string): string {
  try {
    return text();
  } catch {
    return "[unreadable]";
  }
}

function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

function bytesText(bytes: Uint8Array): string {
  if (bytes.byteLength > longestBytes) return `[${bytes.byteLength} bytes]`;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function* take<T>(values: Iterable<T>, count: number): Iterable<T> {
  let taken = 0;
  for (const value of values) {
    if (taken++ >= count) return;
    yield value;
  }
}
