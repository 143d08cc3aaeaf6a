import { escapeComponent } from "../../encoding/form/index.ts";
import { crossesSlash } from "./crosses-slash.ts";
import { failBinding } from "./fail-binding.ts";

/** A variable of a path that is written: where its value comes from, and what it has to look like. */
export interface PathVariable {
  /** The field, with those it is below. */
  readonly name: string;
  /** The segments a value must fit, `*` and `**` among them; undefined where it is no whole segments. */
  readonly pattern: readonly string[] | undefined;
  /** Whether a value may be several segments: the slashes between them stay. */
  readonly isMulti: boolean;
}

// Of a variable: name, pattern and regular expression. An expression may have braces, and these no others in them.
const variable = /\{([\w.-]+)(?:=([^{}]+)|:((?:[^{}]|\{[^{}]*\})+))?\}/g;
const slashOutside = /\/(?!(?:[^{}]|\{[^{}]*\})*\})/;

/**
 * Takes a path template apart as far as writing its paths needs: text as it stands in a path, and variables.
 * Servers read templates with `parseTemplate`, which tells all that may be wrong with one.
 * @throws TypeError that names the place where there is no slash at the start, or a brace or wildcard outside of variables
 */
export function pathPieces(template: string, place: string): readonly (string | PathVariable)[] {
  if (!/^\/[^*{}]*$/.test(template.replaceAll(variable, "")))
    failBinding(place, "its path must be a template of google.api.http", template);
  const [, ...segments] = template.split(slashOutside);
  return segments.flatMap((segment) => ["/", ...segmentPieces(segment)]);
}

function segmentPieces(segment: string): readonly (string | PathVariable)[] {
  const pieces: (string | PathVariable)[] = [];
  const isWhole = /^\{[^:{}]*\}(?::[^:]*)?$/.test(segment);
  const parts = segment.split(variable);
  const crosses = parts.some((part, at) => at % 4 === 3 && crossesSlash(part));
  for (let at = 0; at < parts.length; at += 4) {
    const [text = "", name, pattern = "*"] = parts.slice(at, at + 3);
    pieces.push(escapeLiteral(parts.length === 1 ? decodeURIComponent(text) : text));
    if (name === undefined) break;
    pieces.push(
      isWhole
        ? { name, pattern: pattern.split("/"), isMulti: /\/|^\*\*$/.test(pattern) }
        : { name, pattern: undefined, isMulti: crosses },
    );
  }
  return pieces;
}

// What the author of a template wrote stays readable as far as a path allows it.
function escapeLiteral(text: string): string {
  return escapeComponent(text).replaceAll(/%(?:2[46BC]|3[ABD]|40)/g, decodeURIComponent);
}
