import { create, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence, isWrapperDesc } from "@bufbuild/protobuf/wkt";

/** A message seen as the fields it holds. */
export type Fields = Record<string, unknown>;

/** How the value of a singular message field is held: as a message, or unwrapped as generated code does. */
export type MessageHolding = "message" | "scalar" | "json";

const { IMPLICIT } = FeatureSet_FieldPresence;

/** Whether "unset" and "zero" are two states of the field. */
export function hasPresence(field: DescField): boolean {
  return field.presence !== IMPLICIT && field.fieldKind !== "list" && field.fieldKind !== "map";
}

/** Whether the field is declared `optional` in proto3, which makes it the one member of a oneof nobody wrote. */
export function isOptional(field: DescField): boolean {
  return field.proto.proto3Optional;
}

/** Tells how generated code holds a message in this field, or in an item of it. */
export function holdingOf(field: DescField, message: DescMessage): MessageHolding {
  if (field.fieldKind === "message" && field.oneof === undefined && isWrapperDesc(message))
    return "scalar";
  const inValue = field.parent.typeName === "google.protobuf.Value";
  return message.typeName === "google.protobuf.Struct" && !inValue ? "json" : "message";
}

/** Whether messages of a schema hold all that they have themselves, not on a prototype of their own. */
export function holdsOwnFields(schema: DescMessage): boolean {
  return (
    Object.getPrototypeOf(create(schema)) === Object.prototype &&
    !schema.fields.some(({ localName }) => localName in {})
  );
}

/** Composes the reader of a field: its value, or undefined where it has presence and is not set. */
export function fieldGetter(field: DescField): (fields: Fields) => unknown {
  const { localName } = field;
  if (field.oneof !== undefined) {
    const oneofName = field.oneof.localName;
    return (fields) => {
      const member = fields[oneofName] as
        | { readonly case?: string; readonly value?: unknown }
        | undefined; // generated shape of a oneof
      return member?.case === localName ? member.value : undefined;
    };
  }
  if (!hasPresence(field) || holdsOwnFields(field.parent)) return (fields) => fields[localName];
  // Messages of proto2 and editions carry their defaults on the prototype.
  return (fields) => (Object.hasOwn(fields, localName) ? fields[localName] : undefined);
}

/** Sets a key as plain data, also where it is "__proto__". */
export function setOwn(target: Fields, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    target[key] = value;
  }
}
