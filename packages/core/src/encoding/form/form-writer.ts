import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import type { Fields } from "../field-access.ts";
import { fieldGetter, hasPresence } from "../field-access.ts";
import type { QueryPair } from "./query.ts";
import { valueTextOf } from "./value-text.ts";

/**
 * Collects the pairs of a message under a prefix. Keys are paths of JSON names joined with dots; what is
 * not populated gives no pair. Throws a TypeError for values no form can carry.
 */
export type FormWriter = (message: Message, pairs: QueryPair[]) => void;

type FieldPairs = (fields: Fields, prefix: string, pairs: QueryPair[]) => void;

const composed = new WeakMap<DescMessage, readonly FieldPairs[]>();

/** Composes the writer of a schema, without the fields that travel elsewhere. */
export function createFormWriter(
  schema: DescMessage,
  omit: ReadonlySet<DescField> = new Set(),
): FormWriter {
  const writers = schema.fields.filter((field) => !omit.has(field)).map(fieldPairs);
  return (message, pairs) => {
    const fields = message as unknown as Fields; // a message is its fields
    for (const write of writers) write(fields, "", pairs);
  };
}

function pairsOf(schema: DescMessage): readonly FieldPairs[] {
  const known = composed.get(schema);
  if (known !== undefined) return known;
  const writers: FieldPairs[] = [];
  // Kept before the fields are composed, as a field may be of this very type.
  composed.set(schema, writers);
  for (const field of schema.fields) writers.push(fieldPairs(field));
  return writers;
}

function fieldPairs(field: DescField): FieldPairs {
  if (field.fieldKind === "list") return listPairs(field);
  if (field.fieldKind === "map") return mapPairs(field);
  const text = valueTextOf(field);
  const get = fieldGetter(field);
  const name = field.jsonName;
  if (text !== undefined) {
    const isUnset = unsetTest(field);
    return (fields, prefix, pairs) => {
      const value = get(fields);
      if (!isUnset(value)) pairs.push([prefix + name, text(value)]);
    };
  }
  const members = field.message === undefined ? [] : pairsOf(field.message);
  return (fields, prefix, pairs) => {
    const value = get(fields);
    if (value === undefined) return;
    const inner = `${prefix}${name}.`;
    for (const write of members) write(value as Fields, inner, pairs); // a message
  };
}

function listPairs(field: DescField): FieldPairs {
  const text = valueTextOf(field) ?? refuse(field);
  const { localName, jsonName } = field;
  return (fields, prefix, pairs) => {
    const key = prefix + jsonName;
    for (const item of fields[localName] as readonly unknown[]) pairs.push([key, text(item)]); // a list
  };
}

function mapPairs(field: DescField): FieldPairs {
  const text = valueTextOf(field) ?? refuse(field);
  const { localName, jsonName } = field;
  return (fields, prefix, pairs) => {
    for (const [key, value] of Object.entries(fields[localName] as Fields))
      pairs.push([`${prefix}${jsonName}[${key}]`, text(value)]); // a map
  };
}

function refuse(field: DescField): () => never {
  return () => {
    throw new TypeError(
      `Cannot encode field "${field.parent.typeName}.${field.name}" as a form as it must not hold messages in a ${field.fieldKind}: current value is a ${field.fieldKind} of ${field.message?.typeName}`,
    );
  };
}

function unsetTest(field: DescField): (value: unknown) => boolean {
  if (hasPresence(field)) return (value) => value === undefined;
  // 64 bits held as text; in a field of text the digit is a value.
  return field.fieldKind === "scalar" && field.longAsString
    ? (value) => value === "0" || isZero(value)
    : isZero;
}

// Implicit presence: a zero is no value. Minus zero is one, and NaN.
function isZero(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  return !value && !Object.is(value, -0) && !Number.isNaN(value);
}
