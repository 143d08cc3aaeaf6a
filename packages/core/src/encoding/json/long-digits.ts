import { type DescField, type DescMessage, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { setOwn } from "../field-access.ts";

/** A text parsed twice: by JavaScript's numbers, and with its long integers in quotes. */
export interface ParsedTwice {
  readonly lossy: JsonValue;
  readonly exact: JsonValue;
}

/**
 * Puts the digits of `exact` into `lossy` where the schema has an integer of 64 bits, which reads strings too.
 * Values of no declared type keep their numbers, as a string is something else there.
 */
export function takeLongDigits(
  schema: DescMessage,
  { lossy, exact }: ParsedTwice,
  depth: number,
): JsonValue {
  if (longWrappers.has(schema.typeName)) return exact;
  if (!isObject(lossy) || !isObject(exact)) return lossy;
  // What nests deeper is refused by whoever reads it.
  if (depth === 0 || freeTypes.has(schema.typeName)) return lossy;
  for (const field of schema.fields) {
    for (const name of new Set([field.jsonName, field.name])) {
      if (!Object.hasOwn(lossy, name)) continue;
      const value = { lossy: lossy[name] ?? null, exact: exact[name] ?? null };
      setOwn(lossy, name, takeInField(field, value, depth - 1));
    }
  }
  return lossy;
}

const longWrappers = new Set(["google.protobuf.Int64Value", "google.protobuf.UInt64Value"]);

const freeTypes = new Set(
  ["Struct", "Value", "ListValue", "Any"].map((name) => `google.protobuf.${name}`),
);

const longScalars = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);

function takeInField(field: DescField, { lossy, exact }: ParsedTwice, depth: number): JsonValue {
  if (field.scalar !== undefined) return longScalars.has(field.scalar) ? exact : lossy;
  const { message } = field;
  if (message === undefined) return lossy;
  if (field.fieldKind === "list" && Array.isArray(lossy) && Array.isArray(exact)) {
    return lossy.map((item, at) =>
      takeLongDigits(message, { lossy: item, exact: exact[at] ?? null }, depth),
    );
  }
  if (field.fieldKind === "map" && isObject(lossy) && isObject(exact)) {
    for (const [key, value] of Object.entries(lossy)) {
      setOwn(
        lossy,
        key,
        takeLongDigits(message, { lossy: value, exact: exact[key] ?? null }, depth),
      );
    }
    return lossy;
  }
  return takeLongDigits(message, { lossy, exact }, depth);
}

function isObject(json: JsonValue): json is Record<string, JsonValue> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
