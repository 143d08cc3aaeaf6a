import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { holdingOf, holdsOwnFields } from "../field-access.ts";
import { enumNumbers } from "./reader-runtime.ts";

/** What the source of one field needs of the whole. */
export interface SourceParts {
  /** The expression of a value that source cannot hold. */
  constant(value: unknown): string;
  /** How deep messages may nest. */
  readonly maxDepth: number;
  /** The name of the function that reads a message. */
  reader(schema: DescMessage): string;
}

// Values of these are of no declared type, or null is one of them.
const free = new Set(
  ["Any", "Struct", "Value", "ListValue", "NullValue"].map((name) => `google.protobuf.${name}`),
);
// These have a JSON form of their own and hold no messages.
const leaves = new Set(["Duration", "FieldMask"].map((name) => `google.protobuf.${name}`));
const timestamp = "google.protobuf.Timestamp";

/** Whether a reader can be compiled for a schema and all it holds. */
export function isReadable(
  schema: DescMessage,
  seen: Set<DescMessage> = new Set([schema]),
): boolean {
  if (free.has(schema.typeName) || isWrapperDesc(schema)) return false;
  // What stands on a prototype, of messages or of all objects, is not seen as a member.
  if (!holdsOwnFields(schema)) return false;
  return schema.fields.every((field) => {
    if ([field.name, field.jsonName].some((name) => name in {})) return false;
    if (field.fieldKind === "map" && field.mapKey !== ScalarType.STRING) return false;
    if (field.enum !== undefined) return !free.has(field.enum.typeName);
    const { message } = field;
    if (message === undefined || seen.has(message)) return true;
    if (isWrapperDesc(message)) return holdingOf(field, message) === "scalar";
    seen.add(message);
    return isReadable(message, seen);
  });
}

/** The statements that read the value `v`, which is not null, into the message `m`. */
export function fieldSource(field: DescField, parts: SourceParts): string {
  const member = `m[${JSON.stringify(field.localName)}]`;
  if (field.fieldKind === "list") {
    const read = valueSource(field, "v[i]", parts);
    return `if (!Array.isArray(v)) r.fail(); const a = ${member}; for (let i = 0; i < v.length; i++) { if (v[i] === null) r.fail(); a.push(${read}); }`;
  }
  if (field.fieldKind === "map") {
    const read = valueSource(field, "e", parts);
    return `if (typeof v !== "object" || Array.isArray(v)) r.fail(); const a = ${member}; for (const k in v) { const e = v[k]; if (e === null) r.fail(); r.set(a, k, ${read}); }`;
  }
  const read = valueSource(field, "v", parts);
  if (field.oneof === undefined) return `${member} = ${read};`;
  const oneof = `m[${JSON.stringify(field.oneof.localName)}]`;
  const value = `{ case: ${JSON.stringify(field.localName)}, value: ${read} }`;
  return `if (${oneof}.case !== undefined) r.fail(); ${oneof} = ${value};`;
}

function valueSource(field: DescField, value: string, parts: SourceParts): string {
  if (field.scalar !== undefined) return scalarSource(field.scalar, value, isLongText(field));
  if (field.enum !== undefined) {
    return `r.enum(${parts.constant(enumNumbers(field.enum))}, ${value})`;
  }
  const { message } = field;
  const [wrapped] = message.fields;
  if (wrapped?.scalar !== undefined && isWrapperDesc(message)) {
    return scalarSource(wrapped.scalar, value, isLongText(wrapped));
  }
  if (message.typeName === timestamp) return leafSource(`r.timestamp(${value})`, parts);
  if (leaves.has(message.typeName)) {
    return leafSource(`r.leaf(${parts.constant(message)}, ${value})`, parts);
  }
  return `${parts.reader(message)}(${value}, d + 1)`;
}

/** A message that is no object is one deep all the same. */
function leafSource(read: string, { maxDepth }: SourceParts): string {
  return `(d < ${maxDepth} ? ${read} : r.fail())`;
}

const readers: Readonly<Record<ScalarType, string>> = {
  [ScalarType.STRING]: "text",
  [ScalarType.BYTES]: "bytes",
  [ScalarType.BOOL]: "bool",
  [ScalarType.FLOAT]: "float",
  [ScalarType.DOUBLE]: "double",
  [ScalarType.INT32]: "int",
  [ScalarType.SINT32]: "int",
  [ScalarType.SFIXED32]: "int",
  [ScalarType.UINT32]: "uint",
  [ScalarType.FIXED32]: "uint",
  [ScalarType.INT64]: "long",
  [ScalarType.SINT64]: "long",
  [ScalarType.SFIXED64]: "long",
  [ScalarType.UINT64]: "ulong",
  [ScalarType.FIXED64]: "ulong",
};

function scalarSource(scalar: ScalarType, value: string, asText: boolean): string {
  const read = `r.${readers[scalar]}(${value})`;
  return asText ? `String(${read})` : read;
}

function isLongText(field: DescField): boolean {
  return field.fieldKind !== "map" && field.scalar !== undefined && field.longAsString;
}
