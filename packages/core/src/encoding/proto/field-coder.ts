import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { type Fields, fieldGetter, hasPresence, holdingOf } from "../field-access.ts";
import { unusual } from "../unusual.ts";
import type { CoderOf } from "./message-encoder.ts";
import { int32, scalarCoder, type ValueCoder } from "./scalar-coder.ts";
import { varintSize, type WireWriter } from "./wire-writer.ts";

/** Measures and writes a field of a message with its tag; nothing where it is not set. */
export interface FieldCoder {
  size(message: Fields, writer: WireWriter): number;
  write(message: Fields, writer: WireWriter): void;
}

/** Whether coders can be composed for a schema: groups, required fields and unwrapped values are the library's. */
export function isComposable(
  schema: DescMessage,
  seen: Set<DescMessage> = new Set([schema]),
): boolean {
  return schema.fields.every((field) => {
    if (field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED) return false;
    if (field.fieldKind === "map" && field.mapKey !== ScalarType.STRING) return false;
    const { message } = field;
    if (message === undefined) return true;
    const isGroup = field.fieldKind !== "map" && field.delimitedEncoding;
    if (isGroup || holdingOf(field, message) !== "message") return false;
    if (seen.has(message)) return true;
    seen.add(message);
    return isComposable(message, seen);
  });
}

/** Composes the coder of a field. */
export function fieldCoder(field: DescField, coderOf: CoderOf): FieldCoder {
  const coder = itemCoder(field, coderOf);
  if (field.fieldKind === "map") return mapCoder(field, coder);
  if (field.fieldKind !== "list") return singularCoder(field, coder);
  return field.listKind !== "message" && field.packed
    ? packedCoder(field, coder)
    : listCoder(field, coder);
}

function itemCoder(field: DescField, coderOf: CoderOf): ValueCoder {
  if (field.scalar !== undefined) return scalarCoder(field.scalar);
  if (field.enum !== undefined) return int32;
  const inner = coderOf(field.message);
  return {
    wireType: 2,
    size(value, writer) {
      if (typeof value !== "object" || value === null) throw unusual;
      const place = writer.holdLength();
      return writer.noteLength(inner.size(value as Fields, writer), place); // checked by its $typeName
    },
    write(value, writer) {
      writer.length();
      inner.write(value as Fields, writer); // measured before
    },
  };
}

function singularCoder(field: DescField, coder: ValueCoder): FieldCoder {
  const tag = tagOf(field.number, coder.wireType);
  const tagSize = varintSize(tag);
  const get = fieldGetter(field);
  const zero = hasPresence(field) ? undefined : zeroTest(field);
  const isSet =
    zero === undefined
      ? (value: unknown): boolean => value !== undefined
      : (value: unknown): boolean => !zero(value);
  return {
    size(message, writer) {
      const value = get(message);
      return isSet(value) ? tagSize + coder.size(value, writer) : 0;
    },
    write(message, writer) {
      const value = get(message);
      if (!isSet(value)) return;
      writer.varint(tag);
      coder.write(value, writer);
    },
  };
}

function listCoder({ localName, number }: DescField, coder: ValueCoder): FieldCoder {
  const tag = tagOf(number, coder.wireType);
  const tagSize = varintSize(tag);
  return {
    size(message, writer) {
      const items = listOf(message[localName]);
      let size = tagSize * items.length;
      for (const item of items) size += coder.size(item, writer);
      return size;
    },
    write(message, writer) {
      for (const item of listOf(message[localName])) {
        writer.varint(tag);
        coder.write(item, writer);
      }
    },
  };
}

function packedCoder({ localName, number }: DescField, coder: ValueCoder): FieldCoder {
  const tag = tagOf(number, 2);
  const tagSize = varintSize(tag);
  return {
    size(message, writer) {
      const items = listOf(message[localName]);
      if (items.length === 0) return 0;
      let size = 0;
      for (const item of items) size += coder.size(item, writer);
      return tagSize + writer.noteLength(size);
    },
    write(message, writer) {
      const items = listOf(message[localName]);
      if (items.length === 0) return;
      writer.varint(tag);
      writer.length();
      for (const item of items) coder.write(item, writer);
    },
  };
}

// An entry is a message of the key as field 1 and the value as field 2.
function mapCoder({ localName, number }: DescField, coder: ValueCoder): FieldCoder {
  const tag = tagOf(number, 2);
  const tagSize = varintSize(tag);
  const key = scalarCoder(ScalarType.STRING);
  const keyTag = tagOf(1, 2);
  const valueTag = tagOf(2, coder.wireType);
  return {
    size(message, writer) {
      const map = mapOf(message[localName]);
      let size = 0;
      for (const name of Object.keys(map)) {
        const place = writer.holdLength();
        const entry = 2 + key.size(name, writer) + coder.size(map[name], writer);
        size += tagSize + writer.noteLength(entry, place);
      }
      return size;
    },
    write(message, writer) {
      const map = mapOf(message[localName]);
      for (const name of Object.keys(map)) {
        writer.varint(tag);
        writer.length();
        writer.varint(keyTag);
        key.write(name, writer);
        writer.varint(valueTag);
        coder.write(map[name], writer);
      }
    },
  };
}

function tagOf(number: number, wireType: number): number {
  return ((number << 3) | wireType) >>> 0;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw unusual;
  return value;
}

function mapOf(value: unknown): Fields {
  if (typeof value !== "object" || value === null) throw unusual;
  return value as Fields; // a map field is a record
}

/** Which value of a field without presence is not written. */
function zeroTest(field: DescField): (value: unknown) => boolean {
  const zero = field.enum?.values[0]?.number ?? 0;
  if (field.fieldKind === "enum") return (value) => value === zero;
  switch (field.scalar) {
    case ScalarType.STRING:
      return (value) => value === "";
    case ScalarType.BOOL:
      return (value) => value === false;
    case ScalarType.BYTES:
      return (value) => value instanceof Uint8Array && value.length === 0;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      // Minus zero is a value of its own where there is one.
      return (value) => Object.is(value, 0);
    default:
      return (value) => value === 0 || value === 0n;
  }
}
