/**
 * Reads JSON values as messages by code that is made for a schema when a method is registered: fields are
 * read by their names, messages are made as literals, so that the engine sees one shape at each place.
 *
 * It knows the plain forms of valid input. Whatever else comes, valid or not, it leaves to the library,
 * which reads the whole value again and gives its own answer. Where code may not be made of text
 * (`--disallow-code-generation-from-strings`), the library reads everything.
 */
import { create, type DescField, type DescMessage } from "@bufbuild/protobuf";
import type { Fields } from "../field-access.ts";
import { fieldSource, isReadable, type SourceParts } from "./field-source.ts";
import { readerRuntime } from "./reader-runtime.ts";

/** Makes a message of a JSON value; throws `unusual` where the library has to look. */
export type CompiledReader = (json: unknown) => unknown;

/** What the reading leaves open. */
export interface JsonReading {
  readonly ignoreUnknown: boolean;
  readonly maxDepth: number;
}

type NestedReader = (json: unknown, depth: number) => unknown;

/** Compiles the reader of a schema; undefined where only the library can read it. */
export function compileReader(
  schema: DescMessage,
  reading: JsonReading,
): CompiledReader | undefined {
  if (!isReadable(schema)) return undefined;
  const constants: unknown[] = [];
  const names = new Map<DescMessage, string>();
  const sources: string[] = [];
  const parts: SourceParts = {
    maxDepth: reading.maxDepth,
    constant: (value) => `c[${constants.push(value) - 1}]`,
    reader(message) {
      const known = names.get(message);
      if (known !== undefined) return known;
      const name = `read${names.size}`;
      // Kept before its fields are looked at, as one may be of this very type.
      names.set(message, name);
      sources.push(messageSource(message, { name, parts, reading }));
      return name;
    },
  };
  const root = parts.reader(schema);
  const read = evaluate([...sources, `return ${root};`].join("\n"), constants);
  return read && ((json) => read(json, 1));
}

function evaluate(source: string, constants: readonly unknown[]): NestedReader | undefined {
  try {
    // Made of descriptors alone; whatever they name stands in it quoted.
    const make = new Function("r", "c", `"use strict";\n${source}`); // oxlint-disable-line typescript/no-implied-eval -- see above
    return make(readerRuntime, constants) as NestedReader; // what the source returns
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

interface MessageParts {
  readonly name: string;
  readonly parts: SourceParts;
  readonly reading: JsonReading;
}

function messageSource(schema: DescMessage, { name, parts, reading }: MessageParts): string {
  const known = new Set(schema.fields.flatMap((field) => [field.name, field.jsonName]));
  const strict = `for (const k in o) if (!${parts.constant(known)}.has(k)) r.fail();`;
  return `function ${name}(o, d) {
  if (typeof o !== "object" || o === null || Array.isArray(o) || d > ${reading.maxDepth}) r.fail();
  ${reading.ignoreUnknown ? "" : strict}
  const m = ${emptySource(schema, parts)};
  let v;
  ${schema.fields.map((field) => memberSource(field, parts)).join("\n  ")}
  return m;
}`;
}

/** A member may stand under the field's JSON name or its own, but not under both. */
function memberSource(field: DescField, parts: SourceParts): string {
  const { name, jsonName } = field;
  const own = `o[${JSON.stringify(name)}]`;
  const other =
    name === jsonName
      ? ""
      : `if (${own} !== undefined) { if (v !== undefined) r.fail(); v = ${own}; } `;
  const read = fieldSource(field, parts);
  return `v = o[${JSON.stringify(jsonName)}]; ${other}if (v !== undefined && v !== null) { ${read} }`;
}

/** The literal of a message in which nothing is set, with the members the library gives it. */
function emptySource(schema: DescMessage, parts: SourceParts): string {
  const empty = create(schema) as unknown as Fields; // a message seen as its fields
  const members = Object.entries(empty).map(([name, value]) => {
    const source =
      typeof value === "object" && value !== null && !(value instanceof Uint8Array)
        ? freshSource(value)
        : parts.constant(value);
    return `${JSON.stringify(name)}: ${literal(value) ?? source}`;
  });
  return `{ ${members.join(", ")} }`;
}

function literal(value: unknown): string | undefined {
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "object" ? undefined : JSON.stringify(value);
}

/** Lists, maps and oneofs are each message's own. */
function freshSource(value: object): string {
  if (Array.isArray(value)) return "[]";
  return "case" in value ? "{ case: undefined }" : "{}";
}
