import type { DescEnum, DescField, DescMessage } from "@bufbuild/protobuf";
import type { Fields } from "../field-access.ts";
import { holdingOf } from "../field-access.ts";
import type { JsonWriting, WriterOf } from "./message-writer.ts";
import type { ValueWriter } from "./scalar-writer.ts";
import { quoteJson, scalarWriter } from "./scalar-writer.ts";

/** Options of the form, and where the writers of other messages are found. */
export interface FieldWriting extends JsonWriting {
  readonly writerOf: WriterOf;
}

/** Composes the writer of a field's value alone. */
export function fieldValueWriter(field: DescField, writing: FieldWriting): ValueWriter {
  if (field.fieldKind === "list") return listWriter(itemWriter(field, writing), pathOf(field));
  if (field.fieldKind === "map") return mapWriter(itemWriter(field, writing), pathOf(field));
  return itemWriter(field, writing);
}

function itemWriter(field: DescField, writing: FieldWriting): ValueWriter {
  if (field.scalar !== undefined) return scalarWriter(field.scalar, pathOf(field));
  if (field.enum !== undefined)
    return enumWriter(field.enum, { asNumber: writing.enumAsNumber, field: pathOf(field) });
  return memberWriter(field, field.message, writing.writerOf);
}

function memberWriter(field: DescField, message: DescMessage, writerOf: WriterOf): ValueWriter {
  const holding = holdingOf(field, message);
  if (holding === "json") return (value) => JSON.stringify(value);
  const wrapped = message.fields[0]?.scalar;
  if (holding === "scalar" && wrapped !== undefined) return scalarWriter(wrapped, pathOf(field));
  return writerOf(message);
}

function enumWriter(
  schema: DescEnum,
  options: { readonly asNumber: boolean; readonly field: string },
): ValueWriter {
  if (schema.typeName === "google.protobuf.NullValue") return () => "null";
  const names = new Map(
    schema.values.toReversed().map((value) => [value.number, JSON.stringify(value.jsonName)]),
  );
  return (value) => {
    if (typeof value !== "number" || !Number.isInteger(value)) {
      throw new TypeError(
        `Cannot encode field "${options.field}" as JSON as it must hold the number of an enum value: current value is ${String(value)}`,
      );
    }
    return (options.asNumber ? undefined : names.get(value)) ?? String(value);
  };
}

function listWriter(write: ValueWriter, field: string): ValueWriter {
  return (value) => {
    if (!Array.isArray(value))
      throw new TypeError(
        `Cannot encode field "${field}" as JSON as it must hold a list: current value is ${String(value)}`,
      );
    let items = "";
    for (const item of value) items = items === "" ? write(item) : `${items},${write(item)}`;
    return `[${items}]`;
  };
}

function mapWriter(write: ValueWriter, field: string): ValueWriter {
  return (value) => {
    if (typeof value !== "object" || value === null)
      throw new TypeError(
        `Cannot encode field "${field}" as JSON as it must hold a map: current value is ${String(value)}`,
      );
    const map = value as Fields; // a map field is a record
    let entries = "";
    for (const key of Object.keys(map)) {
      const entry = `${quoteJson(key)}:${write(map[key])}`;
      entries = entries === "" ? entry : `${entries},${entry}`;
    }
    return `{${entries}}`;
  };
}

function pathOf(field: DescField): string {
  return `${field.parent.typeName}.${field.name}`;
}
