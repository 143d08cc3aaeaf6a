import { crossesSlash } from "./crosses-slash.ts";
import type { PatternSegment } from "./path-template.ts";
import type { TemplatePiece, TemplatePlace } from "./template-pieces.ts";
import { failTemplate } from "./template-pieces.ts";

/** Where the segment stands, and how many variables came before it. */
export interface PatternPlace extends TemplatePlace {
  readonly first: number;
}

/**
 * Makes the segment of text and variables in one, or of a variable with a regular expression. Expressions
 * are read by whoever matches them.
 */
export function patternSegment(
  pieces: readonly TemplatePiece[],
  place: PatternPlace,
): { readonly segment: PatternSegment; readonly names: readonly string[] } {
  const names: string[] = [];
  const parts: (string | number)[] = [];
  const expressions: (string | undefined)[] = [];
  let source = "";
  let crosses = false;
  for (const piece of pieces) {
    if (piece.kind === "text") {
      if (piece.text.includes("*"))
        failTemplate(place.template, place.position, "a wildcard must be a whole segment");
      parts.push(piece.text);
      source += piece.text;
    } else {
      checkPattern(piece, place);
      parts.push(place.first + names.length);
      names.push(piece.name);
      expressions.push(piece.expression);
      source += `{${piece.expression ?? ""}}`;
      crosses ||= crossesSlash(piece.expression);
    }
  }
  return { segment: { kind: "pattern", source, expressions, crosses, pieces: parts }, names };
}

function checkPattern(piece: TemplatePiece & { readonly kind: "variable" }, place: PatternPlace) {
  if (piece.pattern === undefined || piece.pattern === "*" || piece.expression !== undefined)
    return;
  failTemplate(place.template, place.position, `variable "${piece.name}" must be a whole segment`);
}
