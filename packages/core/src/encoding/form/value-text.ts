import type { DescEnum, DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { ScalarType, toJson } from "@bufbuild/protobuf";
import type { Duration, FieldMask, Timestamp } from "@bufbuild/protobuf/wkt";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { holdingOf } from "../field-access.ts";
import { formatGoDuration } from "./go-duration.ts";
import { formatGoFloat, formatGoFloat32 } from "./go-float.ts";
import { toWirePath } from "./mask-path.ts";
import { formatInstant } from "./timestamp-text.ts";

/** Writes one value of a field as the text of a form. */
export type ValueText = (value: unknown) => string;

/** Composes the text of a field's values or items; undefined for messages that have no text. */
export function valueTextOf(field: DescField): ValueText | undefined {
  if (field.scalar !== undefined) return scalarText(field.scalar);
  if (field.enum !== undefined) return enumText(field.enum);
  const { message } = field;
  const holding = holdingOf(field, message);
  if (holding === "json") return (value) => JSON.stringify(value);
  const wrapped = isWrapperDesc(message) ? message.fields[0]?.scalar : undefined;
  if (wrapped === undefined) return messageText(message);
  const text = scalarText(wrapped);
  // In lists, maps and oneofs wrappers are messages.
  return holding === "scalar"
    ? text
    : (value) => text((value as { readonly value: unknown }).value); // a wrapper
}

function scalarText(scalar: ScalarType): ValueText {
  if (scalar === ScalarType.DOUBLE) return (value) => formatGoFloat(Number(value));
  if (scalar === ScalarType.FLOAT) return (value) => formatGoFloat32(Number(value));
  // The standard alphabet, as that is the one every reader takes.
  if (scalar === ScalarType.BYTES) return (value) => base64Encode(value as Uint8Array); // a bytes field
  return String;
}

function enumText(schema: DescEnum): ValueText {
  if (schema.typeName === "google.protobuf.NullValue") return () => "null";
  const names = new Map(schema.values.toReversed().map((value) => [value.number, value.name]));
  return (value) => names.get(Number(value)) ?? String(value);
}

function messageText(schema: DescMessage): ValueText | undefined {
  switch (schema.typeName) {
    case "google.protobuf.Timestamp":
      return (value) => formatInstant(value as Timestamp); // by its type name
    case "google.protobuf.Duration":
      return (value) => {
        const { seconds, nanos } = value as Duration; // by its type name
        return formatGoDuration(seconds * 1_000_000_000n + BigInt(nanos));
      };
    case "google.protobuf.FieldMask":
      return (value) => (value as FieldMask).paths.map(toWirePath).join(","); // by its type name
    case "google.protobuf.Struct":
    case "google.protobuf.ListValue":
      return (value) => JSON.stringify(toJson(schema, value as Message)); // by its type name
    default:
      return undefined;
  }
}
