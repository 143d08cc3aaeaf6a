import type { DescField, Message } from "@bufbuild/protobuf";
import type { Fields } from "../../encoding/index.ts";
import { fieldGetter } from "../../encoding/index.ts";
import { valueTextOf } from "../../encoding/form/index.ts";
import type { HttpBinding } from "./http-binding.ts";
import type { PathTemplate, TemplateSegment, TemplateVariable } from "./path-template.ts";

/** Writes the path of a message. */
export type PathWriter = (message: Message) => string;

/** Composes the writer of a binding's path: the values of its variables, escaped a segment at a time. */
export function createPathWriter({ template, variables, place }: HttpBinding): PathWriter {
  const parts = partsOf(template).map((part) => {
    if (typeof part === "string") return part;
    const variable = template.variables[part];
    const fields = variables[part];
    if (variable === undefined || fields === undefined)
      throw new TypeError(
        `Cannot write the path of ${place} as every variable must have a field: current value is ${part}`,
      );
    const textOf = variableText(fields);
    const segments = template.segments.slice(variable.from, variable.to);
    return (message: Message): string =>
      variableValue(textOf(message), { variable, segments, place });
  });
  const verb = template.verb === "" ? "" : `:${template.verb}`;
  return (message) => {
    let path = "";
    for (const part of parts) path += typeof part === "string" ? part : part(message);
    return path + verb;
  };
}

// Text as it is, and variables by their position.
function partsOf(template: PathTemplate): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  for (let index = 0; index < template.segments.length; index++) {
    const segment = template.segments[index];
    parts.push("/");
    const position = template.variables.findIndex(
      ({ from, group }) => group === undefined && from === index,
    );
    if (position !== -1) {
      parts.push(position);
      index = (template.variables[position]?.to ?? index + 1) - 1;
    } else if (segment?.kind === "pattern") {
      parts.push(
        ...segment.pieces.map((piece) =>
          typeof piece === "string" ? escapeLiteral(piece) : piece,
        ),
      );
    } else if (segment?.kind === "literal") {
      parts.push(escapeLiteral(segment.text));
    } else {
      throw new TypeError(
        `Cannot write the path of ${template.text} as its wildcards must be in variables: current value is ${JSON.stringify(template.text)}`,
      );
    }
  }
  return parts;
}

function variableText(fields: readonly DescField[]): (message: Message) => string {
  const getters = fields.map(fieldGetter);
  const last = fields.at(-1);
  const text = last && valueTextOf(last);
  return (message) => {
    let value: unknown = message;
    for (const get of getters)
      value = typeof value === "object" && value !== null ? get(value as Fields) : undefined; // a message is its fields
    return value === undefined || text === undefined ? "" : text(value);
  };
}

interface VariablePlace {
  readonly variable: TemplateVariable;
  readonly segments: readonly TemplateSegment[];
  readonly place: string;
}

function variableValue(value: string, at: VariablePlace): string {
  const { variable, segments } = at;
  const parts = variable.isMulti ? value.split("/") : [value];
  if (parts.includes(""))
    fail(at, value === "" ? "must not be empty" : "must not have empty segments", value);
  // Every URL parser on the way would walk along them, escaped or not.
  if (variable.group === undefined && parts.some((part) => part === "." || part === ".."))
    fail(at, 'must not have segments "." or ".."', value);
  if (variable.group === undefined && !fitsSegments(parts, segments))
    fail(at, `must match "${segments.map(segmentText).join("/")}"`, value);
  return parts.map(escapeSegment).join("/");
}

function fitsSegments(parts: readonly string[], segments: readonly TemplateSegment[]): boolean {
  const rest = segments.findIndex(({ kind }) => kind === "rest");
  const surplus = parts.length - segments.length;
  if (rest === -1 ? surplus !== 0 : surplus < -1) return false;
  return segments.every((segment, index) => {
    const part = parts[rest !== -1 && index > rest ? index + surplus : index];
    return segment.kind !== "literal" || segment.text === part;
  });
}

function segmentText(segment: TemplateSegment): string {
  if (segment.kind === "literal") return segment.text;
  return segment.kind === "any" ? "*" : "**";
}

function fail({ variable, place }: VariablePlace, rule: string, value: string): never {
  throw new TypeError(
    `Cannot build the path of ${place} as variable "${variable.name}" ${rule}: current value is ${JSON.stringify(value)}`,
  );
}

const loneSurrogate = /[\ud800-\udfff]/gu;

function escapeSegment(text: string): string {
  return encodeURIComponent(text.replace(loneSurrogate, "\ufffd"));
}

// What the author of a template wrote stays readable as far as a path allows it.
function escapeLiteral(text: string): string {
  return escapeSegment(text).replaceAll(/%(?:2[46BC]|3[ABD]|40)/g, decodeURIComponent);
}
