import type { DescMessage } from "@bufbuild/protobuf";
import { evaluateSource } from "../evaluate-source.ts";
import { type Fields, holdsOwnFields } from "../field-access.ts";
import { isUndefined, type MemberPlan } from "./member-plan.ts";

/** Writes the members of a message, without the braces around them. */
export type MembersWriter = (message: Fields) => string;

/**
 * Composes the writer of a message's members: as code made for the schema, in which each place calls one writer
 * only; as a loop where code may not be made of text.
 */
export function membersWriter(schema: DescMessage, plans: readonly MemberPlan[]): MembersWriter {
  const constants: unknown[] = [];
  const constant = (value: unknown): string => `c[${constants.push(value) - 1}]`;
  const isPlain = holdsOwnFields(schema);
  let isAlwaysSome = false;
  const statements = plans.map((plan, index) => {
    const prefix = prefixSource(plan.name, isAlwaysSome || index === 0 ? index > 0 : undefined);
    isAlwaysSome ||= plan.isUnset === undefined || plan.unset !== "";
    return memberSource(plan, { prefix, constant, isPlain });
  });
  const source = `return (m) => { let s = "", v; ${statements.join(" ")} return s; };`;
  const compiled = evaluateSource(source, {}, constants) as MembersWriter | undefined; // what the source returns
  return compiled ?? loopOver(plans);
}

interface SourceParts {
  readonly prefix: string;
  readonly constant: (value: unknown) => string;
  /** Whether fields can be read off the message as they are. */
  readonly isPlain: boolean;
}

function memberSource(plan: MemberPlan, { prefix, constant, isPlain }: SourceParts): string {
  const { field, get, write, isUnset, unset } = plan;
  const value =
    isPlain && field.oneof === undefined
      ? `m[${JSON.stringify(field.localName)}]`
      : `${constant(get)}(m)`;
  const written = `${constant(write)}(v)`;
  if (isUnset === undefined) return `v = ${value}; s += ${prefix} + ${written};`;
  const test = isUnset === isUndefined ? "v === undefined" : `${constant(isUnset)}(v)`;
  return unset === ""
    ? `v = ${value}; if (!(${test})) s += ${prefix} + ${written};`
    : `v = ${value}; s += ${prefix} + (${test} ? "${unset}" : ${written});`;
}

/** The name, with a comma where something stands before it; undefined is not known before. */
function prefixSource(name: string, isLater: boolean | undefined): string {
  const first = JSON.stringify(name);
  const later = JSON.stringify(`,${name}`);
  if (isLater === undefined) return `(s === "" ? ${first} : ${later})`;
  return isLater ? later : first;
}

function loopOver(plans: readonly MemberPlan[]): MembersWriter {
  return (message) => {
    let members = "";
    for (const { name, get, write, isUnset, unset } of plans) {
      const value = get(message);
      const text = isUnset?.(value) === true ? unset : write(value);
      if (text !== "") members += members === "" ? name + text : `,${name}${text}`;
    }
    return members;
  };
}
