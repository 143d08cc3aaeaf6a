import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { create, ScalarType } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import type { OneBinding } from "./bindings.ts";
import { randomMessage } from "./random-message.ts";

// What every URL parser on the way walks along is no segment, and nothing is none.
const segment = fc
  .oneof(
    fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/),
    fc.string({ minLength: 1, maxLength: 10 }),
    fc.constantFrom("a b", "50%", "x:cancel", "ü", "a+b", "a?b#c", "%2F", "\u{1f600}", "~", ";v=1"),
  )
  .filter((value) => value !== "." && value !== "..");
const oneSegment = segment
  .map((value) => value.replaceAll("/", "-"))
  .filter((value) => value !== "." && value !== "..");

/** Random requests of a rule: the fields of its variables fit its template. */
export function randomRequest({ method, path, body }: OneBinding): fc.Arbitrary<Message> {
  const { input } = method;
  const base = randomMessage(input, unsendable(input, body));
  const names: string[] = [];
  const values: fc.Arbitrary<unknown>[] = [];
  for (const [, name = "", pattern = ""] of path.matchAll(/\{([^=}]+)(?:=([^}]+))?\}/g)) {
    const value = variableValue(lastField(input, name), pattern);
    if (value === undefined) continue;
    names.push(name);
    values.push(value);
  }
  return fc.tuple(base, fc.tuple(...values)).map(([message, parts]) => {
    names.forEach((name, index) => setField(message, fieldsOn(input, name), parts[index]));
    return message;
  });
}

/** Fields no query can carry: lists and maps of messages, unless they are the body. */
function unsendable(input: DescMessage, body: string): ReadonlySet<DescField> {
  if (body === "*") return new Set();
  return new Set(
    input.fields.filter(
      ({ name, fieldKind, message }) =>
        name !== body && (fieldKind === "list" || fieldKind === "map") && message !== undefined,
    ),
  );
}

function variableValue(field: DescField, pattern: string): fc.Arbitrary<unknown> | undefined {
  if (pattern !== "")
    return fc
      .tuple(...pattern.split("/").map((part) => patternSegment(part)))
      .map((parts) => parts.join("/"));
  if (field.scalar === ScalarType.STRING && field.oneof === undefined) return segment;
  const holder = randomMessage(field.parent);
  const values = holder.map((message) => valueOf(message, field));
  // A path cannot say "unset".
  return values.filter(
    (value) => value !== undefined && !noSegments.has(value) && !isNoBytes(value),
  );
}

const noSegments: ReadonlySet<unknown> = new Set(["", ".", ".."]);

function isNoBytes(value: unknown): boolean {
  return value instanceof Uint8Array && value.length === 0;
}

function patternSegment(part: string): fc.Arbitrary<string> {
  if (part === "*") return oneSegment;
  if (part !== "**") return fc.constant(part);
  return fc.array(oneSegment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
}

function fieldsOn(schema: DescMessage, name: string): readonly DescField[] {
  const fields: DescField[] = [];
  let at: DescMessage | undefined = schema;
  for (const part of name.split(".")) {
    const field: DescField | undefined = at?.fields.find((each) => each.name === part);
    if (field === undefined) throw new Error(`${schema.typeName} has no ${name}`);
    fields.push(field);
    at = field.message;
  }
  return fields;
}

function lastField(schema: DescMessage, name: string): DescField {
  const field = fieldsOn(schema, name).at(-1);
  if (field === undefined) throw new Error(`${schema.typeName} has no ${name}`);
  return field;
}

type Fields = Record<string, unknown>;

function setField(message: Message, fields: readonly DescField[], value: unknown): void {
  let at = message as unknown as Fields; // a message is its fields
  for (const [index, field] of fields.entries()) {
    const isLast = index === fields.length - 1;
    const present = valueOf(at, field);
    const next = isLast ? value : (present ?? (field.message && create(field.message)));
    if (field.oneof === undefined) at[field.localName] = next;
    else at[field.oneof.localName] = { case: field.localName, value: next };
    at = next as Fields; // a message, unless this was the last
  }
}

function valueOf(message: object, field: DescField): unknown {
  const fields = message as Fields; // a message is its fields
  if (field.oneof === undefined) return fields[field.localName];
  const chosen = fields[field.oneof.localName] as {
    readonly case?: string;
    readonly value?: unknown;
  }; // a oneof
  return chosen.case === field.localName ? chosen.value : undefined;
}
