import type { PatternSegment } from "./path-template.ts";
import type { TemplatePiece, TemplatePlace } from "./template-pieces.ts";
import { failTemplate } from "./template-pieces.ts";

/** Where the segment stands, and how many variables came before it. */
export interface PatternPlace extends TemplatePlace {
  readonly first: number;
}

/** Makes the segment of text and variables in one, or of a variable with a regular expression. */
export function patternSegment(
  pieces: readonly TemplatePiece[],
  place: PatternPlace,
): { readonly segment: PatternSegment; readonly names: readonly string[] } {
  const names: string[] = [];
  const parts: (string | number)[] = [];
  let source = "";
  let crosses = false;
  for (const piece of pieces) {
    if (piece.kind === "text") {
      if (piece.text.includes("*"))
        failTemplate(place.template, place.position, "a wildcard must be a whole segment");
      parts.push(piece.text);
      source += escapeExpression(piece.text);
    } else {
      const expression = expressionOf(piece, place);
      parts.push(place.first + names.length);
      names.push(piece.name);
      source += `(${expression})`;
      crosses ||= piece.expression !== undefined && crossesSlash(piece.expression);
    }
  }
  const expression = new RegExp(`^${source}$`, "su");
  return { segment: { kind: "pattern", expression, crosses, pieces: parts }, names };
}

function expressionOf(
  piece: TemplatePiece & { readonly kind: "variable" },
  place: PatternPlace,
): string {
  if (piece.expression === undefined) {
    if (piece.pattern !== undefined && piece.pattern !== "*")
      failTemplate(
        place.template,
        place.position,
        `variable "${piece.name}" must be a whole segment`,
      );
    // It is matched against one segment, in which a slash can only be one that was escaped.
    return ".+";
  }
  try {
    // An alternative that always matches tells how many groups there are.
    const groups = new RegExp(`${piece.expression}|`, "su").exec("")?.length ?? 1;
    if (groups > 1)
      failTemplate(
        place.template,
        place.position,
        `the expression of variable "${piece.name}" must not have capturing groups`,
      );
  } catch (error) {
    if (error instanceof SyntaxError)
      failTemplate(
        place.template,
        place.position,
        `the expression of variable "${piece.name}" must be valid`,
      );
    throw error;
  }
  return `(?:${piece.expression})`;
}

// Classes first: those that shut slashes out, and those that name what they let in.
function crossesSlash(expression: string): boolean {
  const bare = expression
    .replaceAll(/\[\^[^\]]*\/[^\]]*\]/g, "")
    .replaceAll(/\[[^\]^/][^\]/]*\]/g, "")
    .replaceAll(/\\\./g, "");
  return /[./]|\[|\\[WSDP]/.test(bare);
}

function escapeExpression(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
