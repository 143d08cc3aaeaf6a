import type { DescField } from "@bufbuild/protobuf";
import { DecodeError, toDecodeError } from "../decode-error.ts";
import type { Fields } from "../field-access.ts";
import { fieldGetter, setOwn } from "../field-access.ts";
import { assertFree, putValue } from "./field-slot.ts";
import { quoted } from "./query.ts";
import { scalarParser } from "./scalar-parser.ts";
import type { ValueParser } from "./value-parser.ts";
import { valueParserOf } from "./value-parser.ts";

/** What a key of a form said besides the field. */
export interface FormEntry {
  readonly values: readonly string[];
  /** The key of a map entry, or of a member of a Struct. */
  readonly key?: string | undefined;
  /** Whether the value takes the place of what is there, rather than clashing with another member of its oneof. */
  readonly replace?: boolean;
}

/** Sets a field of a message from text; throws a DecodeError that names the field. */
export type FieldSetter = (fields: Fields, entry: FormEntry) => void;

/** Composes the setter of a field: lists append, maps add, singular fields take one value that is not empty. */
export function fieldSetter(field: DescField): FieldSetter {
  if (field.fieldKind === "list") return listSetter(field);
  if (field.fieldKind === "map") return mapSetter(field);
  const set = singularSetter(field);
  if (field.message?.typeName !== "google.protobuf.Struct") return set;
  return (fields, entry) => (entry.key === undefined ? set : setMember(field))(fields, entry);
}

function singularSetter(field: DescField): FieldSetter {
  const parse = named(`parsing field "${field.name}"`, valueParserOf(field));
  return (fields, { values, replace }) => {
    const [text = ""] = values;
    if (values.length > 1)
      throw new DecodeError(
        `too many values for field "${field.name}": current value is ${quoted(values.slice(0, 8).join(", "))}`,
      );
    if (text === "") return;
    const value = parse(text);
    if (value === undefined) return;
    if (replace !== true) assertFree(field, fields);
    putValue(field, fields, value);
  };
}

function listSetter(field: DescField): FieldSetter {
  const parse = named(`parsing list "${field.name}"`, valueParserOf(field));
  return (fields, { values }) => {
    const items = fields[field.localName] as unknown[]; // a list
    for (const text of values) {
      const item = parse(text);
      if (item !== undefined) items.push(item);
    }
  };
}

function mapSetter(field: DescField & { fieldKind: "map" }): FieldSetter {
  const parseKey = named(`parsing map key "${field.name}"`, scalarParser(field.mapKey));
  const parse = named(`parsing map value "${field.name}"`, valueParserOf(field));
  return (fields, { values, key = "" }) => {
    const entries = fields[field.localName] as Fields; // a map
    const value = parse(values.at(-1) ?? "");
    if (value !== undefined) setOwn(entries, String(parseKey(key)), value);
  };
}

// A member of a Struct is always text: a form does not tell a number from its digits.
function setMember(field: DescField): FieldSetter {
  const get = fieldGetter(field);
  return (fields, { values, key = "", replace }) => {
    const present = get(fields) as Fields | undefined; // a Struct is held as a JSON object
    const object = present ?? {};
    setOwn(object, key, values.at(-1) ?? "");
    if (present !== undefined) return;
    if (replace !== true) assertFree(field, fields);
    putValue(field, fields, object);
  };
}

function named(context: string, parse: ValueParser): ValueParser {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new DecodeError(`${context}: ${toDecodeError(error).message}`, { cause: error });
    }
  };
}
