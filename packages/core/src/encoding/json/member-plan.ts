import type { DescField } from "@bufbuild/protobuf";
import { type Fields, fieldGetter, hasPresence, isOptional } from "../field-access.ts";
import { fieldValueWriter, type FieldWriting } from "./field-writer.ts";
import type { ValueWriter } from "./scalar-writer.ts";

/** How a field becomes a member of a JSON object. */
export interface MemberPlan {
  readonly field: DescField;
  /** The name as JSON writes it, with the colon. */
  readonly name: string;
  readonly get: (message: Fields) => unknown;
  readonly write: ValueWriter;
  /** Whether a value counts as none; undefined where every value is written. */
  readonly isUnset: ((value: unknown) => boolean) | undefined;
  /** What stands for none; "" leaves the member out. */
  readonly unset: "" | "null";
}

/**
 * Plans the member of a field. With defaults on, an unset message is `null`, while an unset `optional` field or
 * oneof member is left out, as Go prints them.
 */
export function memberPlan(field: DescField, writing: FieldWriting): MemberPlan {
  const { emitDefaults, protoNames } = writing;
  const common = {
    field,
    name: `${JSON.stringify(protoNames ? field.name : field.jsonName)}:`,
    get: fieldGetter(field),
    write: fieldValueWriter(field, writing),
  };
  if (hasPresence(field)) {
    const isMember = field.oneof !== undefined || isOptional(field);
    return { ...common, isUnset: isUndefined, unset: emitDefaults && !isMember ? "null" : "" };
  }
  return { ...common, isUnset: emitDefaults ? undefined : zeroTest(field), unset: "" };
}

/** What `isUnset` is of fields that know whether they are set. */
export function isUndefined(value: unknown): boolean {
  return value === undefined;
}

function zeroTest(field: DescField): (value: unknown) => boolean {
  if (field.fieldKind === "list") return (value) => Array.isArray(value) && value.length === 0;
  if (field.fieldKind === "map")
    return (value) =>
      typeof value === "object" && value !== null && Object.keys(value).length === 0;
  if (field.fieldKind === "enum") {
    const first = field.enum.values[0]?.number ?? 0;
    return (value) => value === first;
  }
  // Minus zero is a value of its own.
  return (value) =>
    value === "" ||
    value === false ||
    value === 0n ||
    (value === "0" && isLong(field)) ||
    Object.is(value, 0) ||
    (value instanceof Uint8Array && value.length === 0);
}

function isLong(field: DescField): boolean {
  return field.fieldKind === "scalar" && field.longAsString;
}
