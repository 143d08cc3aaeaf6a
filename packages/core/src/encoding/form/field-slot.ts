import type { DescField } from "@bufbuild/protobuf";
import { DecodeError } from "../decode-error.ts";
import type { Fields } from "../field-access.ts";
import { isOptional } from "../field-access.ts";

/** Refuses a second member of a oneof; a proto3 `optional` field is the one member of its own. */
export function assertFree(field: DescField, fields: Fields): void {
  if (field.oneof !== undefined) {
    const { case: member } = fields[field.oneof.localName] as { readonly case?: string }; // generated shape of a oneof
    if (member !== undefined)
      throw new DecodeError(`field already set for oneof "${field.oneof.name}"`);
  } else if (isOptional(field) && fields[field.localName] !== undefined) {
    throw new DecodeError(`field already set for oneof "_${field.name}"`);
  }
}

/** Puts what a field holds into a message. */
export function putValue(field: DescField, fields: Fields, value: unknown): void {
  if (field.oneof === undefined) fields[field.localName] = value;
  else fields[field.oneof.localName] = { case: field.localName, value };
}
