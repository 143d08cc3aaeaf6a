/** A piece of a segment: text, or a variable as it is written. */
export type TemplatePiece =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "variable";
      readonly name: string;
      /** What follows `=`, segments as google.api.http has them. */
      readonly pattern: string | undefined;
      /** What follows `:`, a regular expression. */
      readonly expression: string | undefined;
    };

/** Where in a template something stands. */
export interface TemplatePlace {
  readonly template: string;
  readonly position: number;
}

/** Throws the error of a template. */
export function failTemplate(template: string, position: number, rule: string): never {
  throw new TypeError(
    `Cannot parse path template as ${rule}: current value is ${JSON.stringify(template)} at position ${position}`,
  );
}

/** Cuts the verb off: what follows the last colon of the last segment, outside of braces. */
export function splitVerb(template: string): { readonly path: string; readonly verb: string } {
  const end = Math.max(template.lastIndexOf("/"), template.lastIndexOf("}"));
  const colon = template.indexOf(":", end);
  if (colon === -1) return { path: template, verb: "" };
  const last = template.lastIndexOf(":");
  const verb = template.slice(last + 1);
  if (verb === "") failTemplate(template, last, "a verb must not be empty");
  if (verb.includes("*")) failTemplate(template, last, "a verb must not have wildcards");
  return { path: template.slice(0, last), verb };
}

/** Cuts a path at its slashes, but not at those inside of braces. */
export function splitSegments(
  path: string,
  template: string,
): { readonly text: string; readonly position: number }[] {
  const segments: { readonly text: string; readonly position: number }[] = [];
  let depth = 0;
  let start = 1;
  for (let index = 1; index < path.length; index++) {
    const character = path[index];
    if (character === "{") depth++;
    else if (character === "}" && --depth < 0)
      failTemplate(template, index, "braces must be balanced");
    else if (character === "/" && depth === 0) {
      segments.push({ text: path.slice(start, index), position: start });
      start = index + 1;
    }
  }
  if (depth > 0) failTemplate(template, template.length, "braces must be balanced");
  segments.push({ text: path.slice(start), position: start });
  return segments;
}

/** Takes a segment apart. The braces in it are balanced. */
export function templatePieces(segment: string, place: TemplatePlace): TemplatePiece[] {
  const pieces: TemplatePiece[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < segment.length; index++) {
    const character = segment[index];
    if (character === "{" && depth++ === 0) {
      if (index > start) pieces.push({ kind: "text", text: segment.slice(start, index) });
      start = index + 1;
    } else if (character === "}" && --depth === 0) {
      pieces.push(
        variableOf(segment.slice(start, index), { ...place, position: place.position + start }),
      );
      start = index + 1;
    }
  }
  if (start < segment.length) pieces.push({ kind: "text", text: segment.slice(start) });
  return pieces;
}

const fieldPath = /^[\w-]+(?:\.[\w-]+)*$/;

function variableOf(text: string, { template, position }: TemplatePlace): TemplatePiece {
  const [, name = "", separator, rest = ""] = /^([^=:]*)([=:]?)(.*)$/s.exec(text) ?? [];
  if (!fieldPath.test(name))
    failTemplate(template, position, "a variable must be named after a field");
  if (separator !== "" && rest === "")
    failTemplate(template, position, `the pattern of variable "${name}" must not be empty`);
  if (separator === "=" && /[{}]/.test(rest))
    failTemplate(template, position, `the pattern of variable "${name}" must not hold variables`);
  return {
    kind: "variable",
    name,
    pattern: separator === "=" ? rest : undefined,
    expression: separator === ":" ? rest : undefined,
  };
}
