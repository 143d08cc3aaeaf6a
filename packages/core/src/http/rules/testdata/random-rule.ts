import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { create, ScalarType } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { randomMessage, randomValue } from "./random-message.ts";

/** A rule, and a message that fits it. */
export interface RuleAndMessage {
  readonly path: string;
  readonly body: string;
  readonly message: Message;
}

interface Variable {
  readonly fields: readonly DescField[];
  /** What follows `=`; empty for nothing. */
  readonly pattern: string;
}

interface Rule {
  readonly path: string;
  readonly body: string;
  readonly variables: readonly Variable[];
}

const depth = 2;
const word = fc.stringMatching(/^[a-z][a-z0-9_.~-]{0,5}$/);
const literal = fc.oneof(word, fc.constantFrom("a%20b", "@me", "é", "a,b", "$x"));
const pattern = fc.oneof(
  fc.constantFrom("", "*", "**"),
  word.map((text) => `${text}/*`),
  fc.tuple(word, word).map(([one, two]) => `${one}/*/${two}/*`),
  word.map((text) => `${text}/**`),
);
// What a path cannot carry: nothing, and what every URL parser walks along.
const segment = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 8 }),
    fc.string({ unit: "binary", minLength: 1, maxLength: 4 }),
    fc.constantFrom("0", "x:run", "%2F", "a b", "a+b", "?#", "\ufeff", "a/b"),
  )
  .filter((text) => text !== "." && text !== "..");
const oneSegment = segment
  .map((text) => text.replaceAll("/", "-"))
  .filter((text) => text !== "." && text !== "..");

/** Random rules for a schema, each below a prefix of its own, with messages that fit them. */
export function randomRule(schema: DescMessage, prefix: string): fc.Arbitrary<RuleAndMessage> {
  return rules(schema, prefix).chain((rule) => {
    const { path, body } = rule;
    return messages(schema, rule.variables).map((message) => ({ path, body, message }));
  });
}

function rules(schema: DescMessage, prefix: string): fc.Arbitrary<Rule> {
  const variable = fc.record({
    fields: fc.constantFrom(...placesOf(schema, depth)),
    pattern,
  });
  // An unset google.protobuf.Value is null as a body, which reads as the value null, in Go too.
  const fields = schema.fields.filter(
    ({ message }) => message?.typeName !== "google.protobuf.Value",
  );
  const bodies = ["", "*", ...fields.map(({ name }) => name)];
  return fc
    .record({
      variables: fc.uniqueArray(variable, { maxLength: 3, selector: slotOf }).map(onlyOneRest),
      literals: fc.array(literal, { minLength: 4, maxLength: 4 }),
      verb: fc.oneof(fc.constant(""), word),
      body: fc.constantFrom(...bodies),
    })
    .map(({ variables, literals, verb, body }) => {
      const parts = variables.map(
        (each, index) => `/${literals[index] ?? ""}/${variableText(each)}`,
      );
      const path = `/${prefix}${parts.join("")}/${literals.at(-1) ?? ""}`;
      return { path: verb === "" ? path : `${path}:${verb.replaceAll(".", "")}`, body, variables };
    });
}

// Two members of one oneof cannot both be set.
function slotOf({ fields }: Variable): string {
  const first = fields.find(({ oneof }) => oneof !== undefined)?.oneof;
  return first === undefined ? fields.map(({ name }) => name).join(".") : `oneof ${first.name}`;
}

// A template has one part at most that takes any number of segments; what is no text has no pattern.
function onlyOneRest(variables: readonly Variable[]): Variable[] {
  let rests = 0;
  return variables.map(({ fields, pattern: text }) => {
    const isText = fields.at(-1)?.scalar === ScalarType.STRING;
    const isFirst = text.includes("**") && rests++ === 0;
    return { fields, pattern: isText && (isFirst || !text.includes("**")) ? text : "" };
  });
}

function variableText({ fields, pattern: text }: Variable): string {
  const name = fields.map(({ name: each }) => each).join(".");
  return text === "" ? `{${name}}` : `{${name}=${text}}`;
}

/** The ways to all fields that can stand in a path. */
function placesOf(schema: DescMessage, levels: number): (readonly DescField[])[] {
  return schema.fields.flatMap((field): (readonly DescField[])[] => {
    if (field.fieldKind === "list" || field.fieldKind === "map") return [];
    if (field.fieldKind !== "message") return [[field]];
    const { typeName } = field.message;
    if (/^google\.protobuf\.(Struct|ListValue|Value)$/.test(typeName)) return [];
    if (typeName.startsWith("google.protobuf.")) return [[field]];
    return levels === 0 ? [] : placesOf(field.message, levels - 1).map((rest) => [field, ...rest]);
  });
}

function messages(
  schema: DescMessage,
  variables: readonly Variable[],
): fc.Arbitrary<Message> {
  const values = fc.tuple(...variables.map(variableValue));
  return fc.tuple(randomMessage(schema, depth), values).map(([message, parts]) => {
    variables.forEach(({ fields }, index) => setField(message, fields, parts[index]));
    return message;
  });
}

function variableValue({ fields, pattern: text }: Variable): fc.Arbitrary<unknown> {
  const field = fields.at(-1);
  const values = field && randomValue(field, 0);
  if (values === undefined) throw new TypeError("a variable has no value");
  if (text === "") return values.filter((value) => value !== "." && value !== "..");
  return fc.tuple(...text.split("/").map(patternSegment)).map((parts) => parts.join("/"));
}

function patternSegment(part: string): fc.Arbitrary<string> {
  if (part === "*") return oneSegment;
  if (part !== "**") return fc.constant(part);
  return fc.array(oneSegment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
}

type Fields = Record<string, unknown>;

function setField(message: Message, path: readonly DescField[], value: unknown): void {
  let fields = message as unknown as Fields; // a message is its fields
  for (const [index, field] of path.entries()) {
    const isLast = index === path.length - 1;
    const { localName, oneof } = field;
    const held = oneof === undefined ? fields[localName] : memberOf(fields[oneof.localName], field);
    const next = isLast ? wholeValue(field, value) : (held ?? (field.message && create(field.message)));
    if (oneof === undefined) fields[localName] = next;
    else fields[oneof.localName] = { case: localName, value: next };
    fields = next as Fields; // a message, unless it was the last
  }
}

// A wrapper is held as what it wraps.
function wholeValue({ message }: DescField, value: unknown): unknown {
  const isFields = typeof value === "object" && value !== null && !(value instanceof Uint8Array);
  return message !== undefined && isFields ? create(message, value as Fields) : value; // its fields
}

function memberOf(choice: unknown, { localName }: DescField): unknown {
  const { case: name, value } = choice as { readonly case?: string; readonly value?: unknown }; // a oneof
  return name === localName ? value : undefined;
}
