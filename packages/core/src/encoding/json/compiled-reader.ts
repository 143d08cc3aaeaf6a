/**
 * Reads JSON values as messages by code that is made for a schema when a method is registered: fields are
 * read by their names, messages are made as literals, so that the engine sees one shape at each place.
 *
 * It knows the plain forms of valid input. Whatever else comes, valid or not, it leaves to the library,
 * which reads the whole value again and gives its own answer. Where code may not be made of text
 * (`--disallow-code-generation-from-strings`), the library reads everything.
 */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { evaluateSource } from "../evaluate-source.ts";
import { messageLiteral } from "../message-literal.ts";
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
  const source = [...sources, `return ${root};`].join("\n");
  const read = evaluateSource(source, readerRuntime, constants) as NestedReader | undefined; // what the source returns
  return read && ((json) => read(json, 1));
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
  const m = ${messageLiteral(schema, parts.constant)};
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
