import type { DescEnum, DescField, DescMessage, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { create, fromJson } from "@bufbuild/protobuf";
import {
  DurationSchema,
  FieldMaskSchema,
  TimestampSchema,
  ValueSchema,
  isWrapperDesc,
} from "@bufbuild/protobuf/wkt";
import { DecodeError } from "../decode-error.ts";
import type { Fields } from "../field-access.ts";
import { holdingOf } from "../field-access.ts";
import { checkDepth } from "../plain-value.ts";
import { parseGoDuration } from "./go-duration.ts";
import { toSnakePath } from "./mask-path.ts";
import { quoted } from "./query.ts";
import type { ScalarParser } from "./scalar-parser.ts";
import { scalarParser } from "./scalar-parser.ts";
import { parseInstant } from "./timestamp-text.ts";

/** Reads the text of one value into what the field holds; undefined means that the text stands for "unset". */
export type ValueParser = (text: string) => unknown;

const maxDepth = 100;

/** Composes the reader of a field's values or items. */
export function valueParserOf(field: DescField): ValueParser {
  if (field.scalar !== undefined)
    return scalarParser(field.scalar, field.fieldKind !== "map" && field.longAsString);
  if (field.enum !== undefined) return enumParser(field.enum);
  const { message } = field;
  const holding = holdingOf(field, message);
  if (holding === "json") return parseObject;
  const wrapped = isWrapperDesc(message) ? message.fields[0]?.scalar : undefined;
  if (wrapped === undefined) return messageParser(message);
  const parse = scalarParser(wrapped);
  return holding === "scalar" ? parse : wrapping(message, parse);
}

function enumParser(schema: DescEnum): ValueParser {
  const numbers = new Map(schema.values.map((value) => [value.name, value.number]));
  if (schema.typeName === "google.protobuf.NullValue") numbers.set("null", 0);
  return (text) => {
    const named = numbers.get(text);
    if (named !== undefined) return named;
    const number = /^[+-]?\d{1,64}$/.test(text) ? Number(text) : Number.NaN;
    const value = schema.value[number];
    if (value === undefined) throw new DecodeError(`${quoted(text)} is not a valid value`);
    return value.number;
  };
}

function wrapping(schema: DescMessage, parse: ScalarParser): ValueParser {
  return (text) => {
    const value = parse(text);
    const wrapper = create(schema);
    (wrapper as unknown as Fields)["value"] = value; // every wrapper has this field
    return wrapper;
  };
}

function messageParser(schema: DescMessage): ValueParser {
  switch (schema.typeName) {
    case "google.protobuf.Timestamp":
      return (text) => (text === "null" ? undefined : create(TimestampSchema, parseInstant(text)));
    case "google.protobuf.Duration":
      return (text) => (text === "null" ? undefined : parseDuration(text));
    case "google.protobuf.FieldMask":
      return (text) =>
        create(FieldMaskSchema, { paths: text === "" ? [] : text.split(",").map(toSnakePath) });
    case "google.protobuf.Value":
      return (text) => create(ValueSchema, { kind: { case: "stringValue", value: text } });
    case "google.protobuf.Struct":
    case "google.protobuf.ListValue":
      return (text) => fromJson(schema, parseJson(text), { recursionLimit: maxDepth });
    default:
      return () => {
        throw new DecodeError(`unsupported message type: current value is "${schema.typeName}"`);
      };
  }
}

function parseDuration(text: string): unknown {
  const nanos = parseGoDuration(text);
  return create(DurationSchema, {
    seconds: nanos / 1_000_000_000n,
    nanos: Number(nanos % 1_000_000_000n),
  });
}

function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new DecodeError(`invalid JSON object: current value is ${quoted(text)}`);
  return value;
}

function parseJson(text: string): JsonValue {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue; // what JSON.parse makes
  } catch (error) {
    throw new DecodeError(`invalid JSON: current value is ${quoted(text)}`, { cause: error });
  }
  checkDepth(value, maxDepth);
  return value;
}
