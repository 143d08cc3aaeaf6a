import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { DecodeError } from "../decode-error.ts";
import type { Fields } from "../field-access.ts";
import { fieldGetter, holdingOf } from "../field-access.ts";
import type { FieldSetter } from "./field-setter.ts";
import { fieldSetter } from "./field-setter.ts";
import { assertFree, putValue } from "./field-slot.ts";

/** A field as keys of a form reach it. */
export interface FormField {
  readonly field: DescField;
  /** Whether a key of its own follows its name. */
  readonly isKeyed: boolean;
  /** Whether it is a wrapper held as its bare value, whose only field `value` names the same. */
  readonly isWrapper: boolean;
  readonly set: FieldSetter;
  /** The fields below it; undefined where no path goes on. Composed on first use, as types may be recursive. */
  node(): FormNode | undefined;
  /** The message it holds, made where it is not there yet; `replace` lets it displace another member of its oneof. */
  open(parent: Fields, replace: boolean): Fields;
}

/** The fields of a message by proto name and by JSON name. */
export type FormNode = ReadonlyMap<string, FormField>;

const nodes = new WeakMap<DescMessage, FormNode>();

/** Answers the fields of a schema, composed on first use. */
export function formNodeOf(schema: DescMessage): FormNode {
  const known = nodes.get(schema);
  if (known !== undefined) return known;
  const node = new Map<string, FormField>();
  nodes.set(schema, node);
  const fields = schema.fields.map(formField);
  // A proto name beats the JSON name of another field.
  for (const entry of fields) node.set(entry.field.jsonName, entry);
  for (const entry of fields) node.set(entry.field.name, entry);
  return node;
}

function formField(field: DescField): FormField {
  const message = field.fieldKind === "message" ? field.message : undefined;
  const holding = message && holdingOf(field, message);
  return {
    field,
    isKeyed: field.fieldKind === "map" || holding === "json",
    isWrapper: holding === "scalar",
    set: fieldSetter(field),
    node: () => (holding === "message" && message !== undefined ? formNodeOf(message) : undefined),
    open: opener(field, message),
  };
}

function opener(field: DescField, message: DescMessage | undefined): FormField["open"] {
  const get = fieldGetter(field);
  return (parent, replace) => {
    const present = get(parent);
    if (typeof present === "object" && present !== null) return present as Fields; // the message held there
    if (message === undefined)
      throw new DecodeError(`invalid path: "${field.name}" is not a message`);
    if (!replace) assertFree(field, parent);
    const child = create(message) as unknown as Fields; // a message is its fields
    putValue(field, parent, child);
    return child;
  };
}
