import type { DescMessage, Message } from "@bufbuild/protobuf";
import { DecodeError } from "../decode-error.ts";
import type { Fields } from "../field-access.ts";
import type { FormEntry } from "./field-setter.ts";
import type { FormField, FormNode } from "./form-node.ts";
import { formNodeOf } from "./form-node.ts";
import { invalidMapKey, splitMapKey } from "./map-key.ts";
import { quoted } from "./query.ts";

/** Where a key leads: the messages on the way, the field, and the key inside it. */
export interface FormPath {
  readonly parents: readonly FormField[];
  readonly target: FormField;
  readonly key: string | undefined;
}

/** How deep a path may lead. */
const maxDepth = 100;

/**
 * Finds the field a key of a form names; undefined where there is no such field.
 * @throws DecodeError for a path through what is no message, and for a malformed map key
 */
export function resolveFormKey(schema: DescMessage, key: string): FormPath | undefined {
  let node: FormNode = formNodeOf(schema);
  const parents: FormField[] = [];
  for (let start = 0; ;) {
    const dot = key.indexOf(".", start);
    const segment = key.slice(start, dot === -1 ? key.length : dot);
    const found = findField(node, segment);
    if (found === undefined) return undefined;
    const end = endAt(found, { segment, rest: key.slice(start) });
    if (end === undefined) return undefined;
    if (end !== "below") return { parents, target: found, key: end.key };
    if (parents.length >= maxDepth)
      throw new DecodeError(`path nests too deep: current value is ${quoted(key)}`);
    const next = found.node();
    if (next === undefined)
      throw new DecodeError(`invalid path: "${found.field.name}" is not a message`);
    parents.push(found);
    node = next;
    start = dot + 1;
  }
}

/** Where a path ends that has come to a field: there, with a key or without, or below; undefined where it names none. */
function endAt(
  found: FormField,
  { segment, rest }: { readonly segment: string; readonly rest: string },
): Pick<FormPath, "key"> | "below" | undefined {
  const isLast = rest.length === segment.length;
  if (found.isKeyed && (found.field.fieldKind === "map" || !isLast)) {
    const key = mapKeyOf(found, rest);
    if (key !== undefined) return { key };
    // Brackets that do not close name no field, rather than one with a bad key.
    if (!isWhole(segment)) return undefined;
    throw invalidMapKey(rest);
  }
  if (!isWhole(segment)) return undefined;
  const inner = rest.slice(segment.length + 1);
  if (isLast || (found.isWrapper && inner === "value")) return { key: undefined };
  return found.isWrapper && !inner.startsWith("value.") ? undefined : "below";
}

/** Sets what a path leads to, making the messages on the way. */
// ceiling: what is set, where, and to what; none of them is an option
export function setFormPath(message: Message, path: FormPath, entry: FormEntry): void {
  let fields = message as unknown as Fields; // a message is its fields
  for (const parent of path.parents) fields = parent.open(fields, entry.replace === true);
  path.target.set(fields, path.key === undefined ? entry : { ...entry, key: path.key });
}

// `name[]`, `name[0]` and `name[anything]` name the field too, as lists are often written so.
function findField(node: FormNode, segment: string): FormField | undefined {
  const exact = node.get(segment);
  if (exact !== undefined) return exact;
  const bracket = segment.indexOf("[");
  return bracket > 0 ? node.get(segment.slice(0, bracket)) : undefined;
}

// A name, alone or with one pair of brackets after it.
function isWhole(segment: string): boolean {
  return /^[^[]*(?:\[[^\]]*\])?$/.test(segment);
}

function mapKeyOf({ field }: FormField, rest: string): string | undefined {
  const found = splitMapKey(rest);
  return found?.field === field.name || found?.field === field.jsonName ? found?.key : undefined;
}
