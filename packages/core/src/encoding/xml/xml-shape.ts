import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";

/** How a value stands in an element. */
export type XmlValue =
  /** Text as it is. */
  | { readonly kind: "string" }
  /** Text that white space may stand around. */
  | { readonly kind: "text" }
  | { readonly kind: "number" }
  | { readonly kind: "bool" }
  | { readonly kind: "enum" }
  /** JSON in the text: what has no schema. */
  | { readonly kind: "json" }
  | { readonly kind: "message"; readonly schema: DescMessage };

/** A field and the element it is. */
export interface XmlMember {
  readonly element: string;
  /** The name of its member in proto JSON; the proto name is read there too. */
  readonly jsonName: string;
  readonly value: XmlValue;
  /** A list is as many elements as it has items, a map elements of a `key` and a `value`. */
  readonly repeats: "never" | "list" | "map";
  readonly mapKey?: XmlValue;
}

const known = new WeakMap<DescMessage, ReadonlyMap<string, XmlMember>>();

/** The members of a message by their JSON names and their proto names. */
export function xmlMembers(schema: DescMessage): ReadonlyMap<string, XmlMember> {
  let members = known.get(schema);
  if (members === undefined) {
    members = new Map(
      schema.fields.flatMap((field) => {
        const member = memberOf(field);
        return [field.name, field.jsonName, member.element].map((name) => [name, member] as const);
      }),
    );
    known.set(schema, members);
  }
  return members;
}

/** How a message stands in an element of its own. */
export function xmlValueOf(schema: DescMessage): XmlValue {
  if (isWrapperDesc(schema)) return scalarValue(schema.fields[0]?.scalar);
  if (freeTypes.has(schema.typeName)) return { kind: "json" };
  return textTypes.has(schema.typeName) ? { kind: "text" } : { kind: "message", schema };
}

const freeTypes: ReadonlySet<string> = new Set(
  ["Struct", "Value", "ListValue", "Any"].map((name) => `google.protobuf.${name}`),
);
const textTypes: ReadonlySet<string> = new Set(
  ["Timestamp", "Duration", "FieldMask"].map((name) => `google.protobuf.${name}`),
);

function memberOf(field: DescField): XmlMember {
  const element = isXmlName(field.jsonName) ? field.jsonName : field.name;
  const named = { element, jsonName: field.jsonName, value: valueOf(field) };
  if (field.fieldKind === "list") return { ...named, repeats: "list" };
  if (field.fieldKind !== "map") return { ...named, repeats: "never" };
  return { ...named, repeats: "map", mapKey: { kind: "string" } };
}

function valueOf({ message, enum: values, scalar }: FieldTypes): XmlValue {
  if (message !== undefined) return xmlValueOf(message);
  return values === undefined ? scalarValue(scalar) : { kind: "enum" };
}

/** What a field, its items or its values are of. */
interface FieldTypes {
  readonly message?: DescMessage | undefined;
  readonly enum?: DescEnum | undefined;
  readonly scalar?: ScalarType | undefined;
}

function scalarValue(scalar: ScalarType | undefined): XmlValue {
  if (scalar === ScalarType.STRING) return { kind: "string" };
  if (scalar === ScalarType.BOOL) return { kind: "bool" };
  return { kind: scalar === ScalarType.BYTES ? "text" : "number" };
}

// A json_name may be any text.
function isXmlName(name: string): boolean {
  return /^[A-Za-z_][\w.-]*$/.test(name);
}
