import type { PathTemplate, TemplateSegment, TemplateVariable } from "./path-template.ts";
import type { TemplatePiece } from "./template-pieces.ts";
import { failTemplate, splitSegments, splitVerb, templatePieces } from "./template-pieces.ts";
import { patternSegment } from "./template-pattern.ts";

/** A template while it is read. */
interface Draft {
  readonly text: string;
  readonly segments: TemplateSegment[];
  readonly variables: TemplateVariable[];
}

/**
 * Reads a path template: that of google.api.http (`*`, `**`, `{field}`, `{field=shelves/*}`, `:verb`), and
 * Kratos's own `{id:[0-9]+}` for routes written by hand.
 * @throws TypeError that names the rule and the position
 */
export function parseTemplate(text: string): PathTemplate {
  if (!text.startsWith("/")) failTemplate(text, 0, "it must start with a slash");
  const { path, verb } = splitVerb(text);
  const draft: Draft = { text, segments: [], variables: [] };
  for (const { text: segment, position } of splitSegments(path, text)) {
    addSegment(draft, templatePieces(segment, { template: text, position }), position);
  }
  const rests = draft.segments.flatMap((segment, index) => (isRest(segment) ? [index] : []));
  if (rests.length > 1) failTemplate(text, text.length, "only one part of it may cross slashes");
  return { text, segments: draft.segments, variables: draft.variables, verb, rest: rests[0] ?? -1 };
}

function isRest(segment: TemplateSegment): boolean {
  return segment.kind === "rest" || (segment.kind === "pattern" && segment.crosses);
}

function addSegment(draft: Draft, pieces: readonly TemplatePiece[], position: number): void {
  const [only] = pieces;
  if (only === undefined) {
    draft.segments.push({ kind: "literal", text: "" });
  } else if (pieces.length === 1 && only.kind === "text") {
    draft.segments.push(plainSegment(only.text, draft.text, position));
  } else if (pieces.length === 1 && only.kind === "variable" && only.expression === undefined) {
    addVariable(draft, { name: only.name, pattern: only.pattern ?? "*", position });
  } else {
    const { segment, names } = patternSegment(pieces, {
      first: draft.variables.length,
      template: draft.text,
      position,
    });
    const from = draft.segments.push(segment) - 1;
    for (const [index, name] of names.entries()) {
      keepVariable(
        draft,
        { name, from, to: from + 1, isMulti: segment.crosses, group: index + 1 },
        position,
      );
    }
  }
}

interface VariableText {
  readonly name: string;
  readonly pattern: string;
  readonly position: number;
}

function addVariable(draft: Draft, { name, pattern, position }: VariableText): void {
  const from = draft.segments.length;
  for (const part of pattern.split("/")) {
    if (part === "")
      failTemplate(
        draft.text,
        position,
        `the pattern of variable "${name}" must not have empty segments`,
      );
    draft.segments.push(plainSegment(part, draft.text, position));
  }
  const to = draft.segments.length;
  const isMulti = to - from > 1 || pattern === "**";
  keepVariable(draft, { name, from, to, isMulti, group: undefined }, position);
}

function keepVariable(draft: Draft, variable: TemplateVariable, position: number): void {
  if (draft.variables.some(({ name }) => name === variable.name))
    failTemplate(draft.text, position, `variable "${variable.name}" must stand once`);
  draft.variables.push(variable);
}

function plainSegment(text: string, template: string, position: number): TemplateSegment {
  if (text === "*") return { kind: "any" };
  if (text === "**") return { kind: "rest" };
  if (text.includes("*")) failTemplate(template, position, "a wildcard must be a whole segment");
  if (/[?#]/.test(text)) failTemplate(template, position, "it must not have a query or a fragment");
  try {
    return { kind: "literal", text: decodeURIComponent(text) };
  } catch {
    return failTemplate(template, position, "its escapes must be valid");
  }
}
