import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";

const hidden = "***";

/** What of a message type is hidden, found once: fields to mask, and fields whose messages hide something. */
interface Plan {
  readonly masked: readonly DescField[];
  readonly nested: readonly DescField[];
}

// null: nothing is hidden in this type nor below it.
const plans = new WeakMap<DescMessage, Plan | null>();

/**
 * Answers a copy of the message in which the values of `debug_redact` fields are `***`, at any depth.
 * The message itself where its type has no such field.
 */
export function redactMessage(schema: DescMessage, message: Message): unknown {
  const plan = planOf(schema);
  return plan === null ? message : redacted(message, plan);
}

function planOf(schema: DescMessage): Plan | null {
  let plan = plans.get(schema);
  if (plan === undefined) {
    plan = hidesSomething(schema, new Set()) ? makePlan(schema) : null;
    plans.set(schema, plan);
  }
  return plan;
}

function makePlan(schema: DescMessage): Plan {
  return {
    masked: schema.fields.filter(isRedacted),
    nested: schema.fields.filter((field) => {
      const child = messageOf(field);
      return !isRedacted(field) && child !== undefined && hidesSomething(child, new Set());
    }),
  };
}

function hidesSomething(schema: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(schema)) return false;
  seen.add(schema);
  return schema.fields.some((field) => {
    const child = messageOf(field);
    return isRedacted(field) || (child !== undefined && hidesSomething(child, seen));
  });
}

function isRedacted(field: DescField): boolean {
  return field.proto.options?.debugRedact === true;
}

function messageOf(field: DescField): DescMessage | undefined {
  if (field.fieldKind === "message") return field.message;
  if (field.fieldKind === "list" && field.listKind === "message") return field.message;
  return field.fieldKind === "map" && field.mapKind === "message" ? field.message : undefined;
}

function redacted(message: object, plan: Plan): unknown {
  const copy: Record<string, unknown> = { ...message };
  for (const field of plan.masked) replace(copy, field, () => hidden);
  for (const field of plan.nested) replace(copy, field, (value) => redactedField(field, value));
  return copy;
}

/** Replaces a field that is set, also one that is the chosen member of its oneof. */
function replace(
  copy: Record<string, unknown>,
  field: DescField,
  change: (value: unknown) => unknown,
): void {
  if (field.oneof === undefined) {
    const value = copy[field.localName];
    if (value !== undefined) copy[field.localName] = change(value);
    return;
  }
  const choice = copy[field.oneof.localName];
  if (typeof choice !== "object" || choice === null || !("case" in choice) || !("value" in choice))
    return;
  if (choice.case === field.localName)
    copy[field.oneof.localName] = { case: choice.case, value: change(choice.value) };
}

function redactedField(field: DescField, value: unknown): unknown {
  const schema = messageOf(field);
  const plan = schema === undefined ? null : planOf(schema);
  if (plan === null || typeof value !== "object" || value === null) return value;
  if (field.fieldKind === "list" && Array.isArray(value))
    return value.map((element) => redacted(element, plan));
  if (field.fieldKind !== "map") return redacted(value, plan);
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, redacted(entry, plan)]),
  );
}
