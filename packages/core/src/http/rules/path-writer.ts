import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import type { Fields } from "../../encoding/index.ts";
import { fieldGetter } from "../../encoding/index.ts";
import { escapeComponent, valueTextOf } from "../../encoding/form/index.ts";
import { fieldOf } from "./bind-bodies.ts";
import { failBinding } from "./fail-binding.ts";
import type { RequestBinding } from "./http-binding.ts";
import { pathPieces, type PathVariable } from "./path-pieces.ts";

/** Writes the paths of a binding. */
export interface PathWriter {
  /** For each variable the way from the message to its field. */
  readonly variables: readonly (readonly DescField[])[];
  /** @throws TypeError where a value is empty or does not fit */
  readonly write: (message: Message) => string;
}

/**
 * Composes the writer of a binding's path: the values of its variables, escaped a segment at a time.
 * @throws TypeError that names the place and the variable where it is no field with a text
 */
export function createPathWriter(
  schema: DescMessage,
  { template, place }: RequestBinding,
): PathWriter {
  const variables: (readonly DescField[])[] = [];
  const parts = pathPieces(template.text, place).map((piece) => {
    if (typeof piece === "string") return piece;
    const fields = fieldsOf(schema, piece.name, place);
    variables.push(fields);
    const textOf = fieldText(fields);
    return (message: Message): string => variableValue(textOf(message), piece, place);
  });
  return {
    variables,
    write(message) {
      let path = "";
      for (const part of parts) path += typeof part === "string" ? part : part(message);
      return path;
    },
  };
}

function fieldsOf(schema: DescMessage, name: string, place: string): readonly DescField[] {
  let message: DescMessage | undefined = schema;
  return name.split(".").map((part) => {
    const field: DescField | undefined = message && fieldOf(message, part);
    if (field === undefined || field.fieldKind === "list" || field.fieldKind === "map")
      return failBinding(place, `variable "${name}" must be one field of ${schema.typeName}`, part);
    message = field.message;
    return field;
  });
}

function fieldText(fields: readonly DescField[]): (message: Message) => string {
  const getters = fields.map(fieldGetter);
  const last = fields.at(-1);
  const text = last && valueTextOf(last);
  return (message) => {
    let value: unknown = message;
    for (const get of getters) value &&= get(value as Fields); // a message is its fields
    return value === undefined || text === undefined ? "" : text(value);
  };
}

function variableValue(value: string, variable: PathVariable, place: string): string {
  const { name, pattern, isMulti } = variable;
  const fail = (rule: string): never => {
    throw new TypeError(
      `Cannot build the path of ${place} as variable "${name}" ${rule}: current value is ${JSON.stringify(value)}`,
    );
  };
  const parts = isMulti ? value.split("/") : [value];
  if (parts.includes("")) fail(value === "" ? "must not be empty" : "must not have empty segments");
  if (pattern !== undefined) {
    // Every URL parser on the way would walk along them, escaped or not.
    if (parts.includes(".") || parts.includes("..")) fail('must not have segments "." or ".."');
    if (!fitsPattern(parts, pattern)) fail(`must match "${pattern.join("/")}"`);
  }
  return parts.map(escapeComponent).join("/");
}

function fitsPattern(parts: readonly string[], pattern: readonly string[]): boolean {
  const rest = pattern.indexOf("**");
  const surplus = parts.length - pattern.length;
  if (rest === -1 ? surplus !== 0 : surplus < -1) return false;
  return pattern.every((segment, index) => {
    if (segment === "*" || segment === "**") return true;
    const part = parts[rest !== -1 && index > rest ? index + surplus : index];
    return decodeURIComponent(segment) === part;
  });
}
