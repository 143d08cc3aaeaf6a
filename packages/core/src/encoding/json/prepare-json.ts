import type { DescField, DescMessage, JsonValue } from "@bufbuild/protobuf";
import { DecodeError } from "../decode-error.ts";
import { daysOf } from "./timestamp-text.ts";

// What the library reads in another way than proto JSON: null, the hour 24, the last days of short months.
const suspect = /null|T24:|-(?:02-(?:29|3\d)|(?:04|06|09|11)-31)T/;

/** Whether a text may hold what `prepareJson` is for. */
export function needsPreparing(text: string): boolean {
  return suspect.test(text);
}

/**
 * Makes JSON, in place, what the library reads as proto JSON means it. Null is a member that is not there,
 * so it goes from oneofs, where the library would count it as a second one.
 * @throws DecodeError for times of a day no calendar has, which the library takes for a later day
 */
export function prepareJson(schema: DescMessage, json: JsonValue, depth: number): void {
  if (schema.typeName === "google.protobuf.Timestamp") checkTime(json);
  // What nests deeper is refused by whoever reads it.
  if (depth === 0 || free.has(schema.typeName) || !isObject(json)) return;
  for (const field of schema.fields) {
    prepareMember(field, { json, name: field.jsonName, depth });
    if (field.name !== field.jsonName) prepareMember(field, { json, name: field.name, depth });
  }
}

// Their members are no fields.
const free = new Set(["google.protobuf.Struct", "google.protobuf.Value"]);

interface Member {
  readonly json: Record<string, JsonValue>;
  readonly name: string;
  readonly depth: number;
}

function prepareMember(field: DescField, { json, name, depth }: Member): void {
  const value = Object.hasOwn(json, name) ? json[name] : undefined;
  if (value === undefined) return;
  if (value === null && field.oneof !== undefined && !readsNull(field)) {
    Reflect.deleteProperty(json, name);
    return;
  }
  const { message } = field;
  if (message === undefined) return;
  for (const each of valuesOf(field, value)) prepareJson(message, each, depth - 1);
}

function valuesOf(field: DescField, value: JsonValue): readonly JsonValue[] {
  if (field.fieldKind === "list") return Array.isArray(value) ? value : [];
  if (field.fieldKind === "map") return isObject(value) ? Object.values(value) : [];
  return [value];
}

function readsNull(field: DescField): boolean {
  return (
    field.message?.typeName === "google.protobuf.Value" ||
    field.enum?.typeName === "google.protobuf.NullValue"
  );
}

const startOfTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):/;
const shownLength = 64;

function checkTime(json: JsonValue): void {
  const [, year, month, day, hour] = (typeof json === "string" && startOfTime.exec(json)) || [];
  if (Number(hour) > 23 || Number(day) > daysOf(Number(year), Number(month)))
    throw new DecodeError(
      `invalid RFC 3339 timestamp: current value is ${JSON.stringify(json).slice(0, shownLength)}`,
    );
}

function isObject(json: JsonValue): json is Record<string, JsonValue> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
