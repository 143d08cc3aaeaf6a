import type { DescMessage, Message } from "@bufbuild/protobuf";
import { DecodeError } from "../decode-error.ts";
import type { Fields } from "../field-access.ts";
import type { FormEntry } from "./field-setter.ts";
import type { FormField, FormNode } from "./form-node.ts";
import { formNodeOf } from "./form-node.ts";
import { parseMapKey } from "./map-key.ts";
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
    const rest = key.slice(start);
    if (found.isKeyed && (found.field.fieldKind === "map" || rest.length > segment.length)) {
      return { parents, target: found, key: mapKeyOf(found, rest) };
    }
    if (!closed(segment)) return undefined;
    if (dot === -1) return { parents, target: found, key: undefined };
    if (parents.length >= maxDepth)
      throw new DecodeError(`path nests too deep: current value is ${quoted(key)}`);
    if (found.isWrapper && key.slice(dot + 1) === "value") {
      return { parents, target: found, key: undefined };
    }
    const next = found.node();
    if (next === undefined)
      throw new DecodeError(`invalid path: "${found.field.name}" is not a message`);
    parents.push(found);
    node = next;
    start = dot + 1;
  }
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

function closed(segment: string): boolean {
  return segment.endsWith("]") || !segment.includes("[");
}

function mapKeyOf(found: FormField, rest: string): string {
  const { field, key } = parseMapKey(rest);
  if (field === found.field.name || field === found.field.jsonName) return key;
  throw new DecodeError(`invalid formatting for map key: current value is ${quoted(rest)}`);
}
