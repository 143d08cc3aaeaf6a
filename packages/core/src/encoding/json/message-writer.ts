import type { DescField, DescMessage, Message, Registry } from "@bufbuild/protobuf";
import { toJson } from "@bufbuild/protobuf";
import { isWrapperDesc, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { Fields } from "../field-access.ts";
import { anyWriter } from "./any-writer.ts";
import { type MemberPlan, memberPlan } from "./member-plan.ts";
import { type MembersWriter, membersWriter } from "./members-writer.ts";
import type { ValueWriter } from "./scalar-writer.ts";
import { scalarWriter } from "./scalar-writer.ts";
import { timestampText } from "./timestamp-text.ts";

/** What the JSON form leaves open. */
export interface JsonWriting {
  readonly emitDefaults: boolean;
  readonly enumAsNumber: boolean;
  readonly protoNames: boolean;
  readonly registry: Registry | undefined;
}

/** Answers the writer of a schema, composed on first use. */
export type WriterOf = (schema: DescMessage) => ValueWriter;

// These have a JSON form of their own, made by the library; none of them holds a field that can be null.
const ownForm = new Set(
  ["Duration", "FieldMask", "Struct", "Value", "ListValue"].map(
    (name) => `google.protobuf.${name}`,
  ),
);

/**
 * Makes the composer of JSON writers. A writer turns a message straight into text: names are escaped and
 * types looked at once, when it is composed.
 */
export function createMessageWriters(writing: JsonWriting): WriterOf {
  const writers = new WeakMap<DescMessage, ValueWriter>();
  const writerOf: WriterOf = (schema) => {
    const known = writers.get(schema);
    if (known !== undefined) return known;
    if (ownForm.has(schema.typeName))
      return keep(schema, (value) => JSON.stringify(toJson(schema, value as Message))); // a field of this type
    if (schema.typeName === "google.protobuf.Timestamp")
      return keep(schema, (value) => `"${timestampText(value as Timestamp)}"`); // a field of this type
    if (schema.typeName === "google.protobuf.Any")
      return keep(schema, anyWriter(writing.registry, writerOf));
    if (isWrapperDesc(schema)) return keep(schema, wrapperWriter(schema));
    // Kept before the fields are looked at, as one may be of this very type.
    const { writer, complete } = objectWriter(schema);
    keep(schema, writer);
    complete(schema.fields.map((field) => memberPlan(field, { ...writing, writerOf })));
    return writer;
  };
  const keep = (schema: DescMessage, writer: ValueWriter): ValueWriter => {
    writers.set(schema, writer);
    return writer;
  };
  return writerOf;
}

interface ObjectWriter {
  readonly writer: ValueWriter;
  /** To be called before the writer is. */
  readonly complete: (plans: readonly MemberPlan[]) => void;
}

function objectWriter(schema: DescMessage): ObjectWriter {
  const { typeName } = schema;
  let members: MembersWriter = () => "";
  return {
    writer(value) {
      if (isMessageOf(value, typeName)) return `{${members(value)}}`;
      throw new TypeError(
        `Cannot encode a message as JSON as it must be a ${typeName}: current value is ${typeOf(value)}`,
      );
    },
    complete(plans) {
      members = membersWriter(schema, plans);
    },
  };
}

function wrapperWriter(schema: DescMessage): ValueWriter {
  const field: DescField | undefined = schema.fields[0];
  if (field?.scalar === undefined)
    throw new TypeError(
      `Cannot encode ${schema.typeName} as it must wrap a scalar: current value is ${field?.fieldKind}`,
    );
  const write = scalarWriter(field.scalar, `${schema.typeName}.value`);
  return (value) => write((value as { readonly value?: unknown }).value); // a wrapper message
}

function isMessageOf(value: unknown, typeName: string): value is Fields {
  return (
    typeof value === "object" &&
    value !== null &&
    "$typeName" in value &&
    value.$typeName === typeName
  );
}

function typeOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return "$typeName" in value ? String(value.$typeName) : "an object that no schema made";
}
