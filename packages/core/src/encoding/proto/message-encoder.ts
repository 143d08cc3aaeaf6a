/**
 * Writes messages of proto3 shapes into bytes of just their length, behind as many free bytes as a frame
 * needs for its prefix: the library grows its buffers and copies them together, and a frame would copy once
 * more. What is not composed here, and what is wrong, is the library's.
 */
import { type DescMessage, toBinary } from "@bufbuild/protobuf";
import type { HeadedMessageEncoder } from "../codec.ts";
import type { Fields } from "../field-access.ts";
import { type FieldCoder, fieldCoder, isComposable } from "./field-coder.ts";
import { unusual } from "../unusual.ts";
import { varintSize, WireWriter } from "./wire-writer.ts";

/** Measures and writes a message without its length. */
export interface MessageCoder {
  size(message: Fields, writer: WireWriter): number;
  write(message: Fields, writer: WireWriter): void;
}

/** Answers the coder of a schema, composed on first use. */
export type CoderOf = (schema: DescMessage) => MessageCoder;

interface Unknown {
  readonly no: number;
  readonly wireType: number;
  readonly data: Uint8Array;
}

// Encoding calls nobody, so that one writer does for all.
const writer = /* @__PURE__ */ new WireWriter();

/** Composes the encoder of a schema. */
export function createMessageEncoder(
  schema: DescMessage,
  options: { readonly writeUnknownFields: boolean },
): HeadedMessageEncoder {
  const byLibrary: HeadedMessageEncoder = (message, headBytes) => {
    const bytes = toBinary(schema, message, options);
    return headBytes === 0 ? bytes : headed(bytes, headBytes);
  };
  if (typeof Buffer === "undefined" || !isComposable(schema)) return byLibrary;
  const coder = createCoders(options.writeUnknownFields)(schema);
  return (message, headBytes) => {
    const fields = message as unknown as Fields; // a message seen as its fields
    try {
      writer.measure();
      const bytes = Buffer.allocUnsafe(headBytes + coder.size(fields, writer));
      writer.begin(bytes, headBytes);
      coder.write(fields, writer);
      return bytes;
    } catch (error) {
      if (error !== unusual) throw error;
      return byLibrary(message, headBytes);
    } finally {
      writer.release();
    }
  };
}

function headed(bytes: Uint8Array, headBytes: number): Uint8Array {
  const all = new Uint8Array(headBytes + bytes.length);
  all.set(bytes, headBytes);
  return all;
}

function createCoders(keepUnknown: boolean): CoderOf {
  const coders = new Map<DescMessage, MessageCoder>();
  const coderOf: CoderOf = (schema) => {
    const known = coders.get(schema);
    if (known !== undefined) return known;
    const fields: FieldCoder[] = [];
    const coder = messageCoder(schema.typeName, fields, keepUnknown);
    // Kept before the fields are composed, as a field may be of this very type.
    coders.set(schema, coder);
    const sorted = schema.fields.toSorted((left, right) => left.number - right.number);
    for (const field of sorted) fields.push(fieldCoder(field, coderOf));
    return coder;
  };
  return coderOf;
}

function messageCoder(
  typeName: string,
  fields: readonly FieldCoder[],
  keepUnknown: boolean,
): MessageCoder {
  return {
    size(message, to) {
      if (message["$typeName"] !== typeName) throw unusual;
      let size = 0;
      for (const field of fields) size += field.size(message, to);
      if (keepUnknown && message["$unknown"] !== undefined) size += unknownSize(message);
      return size;
    },
    write(message, to) {
      for (const field of fields) field.write(message, to);
      if (keepUnknown && message["$unknown"] !== undefined) writeUnknown(message, to);
    },
  };
}

function unknownOf(message: Fields): readonly Unknown[] {
  return message["$unknown"] as readonly Unknown[]; // the library's own member
}

function unknownSize(message: Fields): number {
  let size = 0;
  for (const { no, wireType, data } of unknownOf(message)) {
    size += varintSize(((no << 3) | wireType) >>> 0) + data.length;
  }
  return size;
}

function writeUnknown(message: Fields, to: WireWriter): void {
  for (const { no, wireType, data } of unknownOf(message)) {
    to.varint(((no << 3) | wireType) >>> 0);
    to.raw(data);
  }
}
