import { RE2JS } from "re2js";
import type { PatternSegment } from "./path-template.ts";
import { simpleExpression } from "./simple-expression.ts";

/** Matches whole segments, in time in proportion to their length whatever the expression is. */
export interface SegmentMatcher {
  test(text: string): boolean;
  /** The text of a variable, counted from 1, in a text that matches. */
  value(text: string, variable: number): string;
}

const made = new WeakMap<PatternSegment, SegmentMatcher>();

/**
 * Answers the matcher of a segment, which is made once. Expressions are RE2's; those that cannot backtrack
 * are run by the engine of the language, which is faster and finds the same.
 * @throws TypeError that names the template for what is no expression, or has capturing groups
 */
export function segmentMatcher(segment: PatternSegment, template: string): SegmentMatcher {
  let matcher = made.get(segment);
  if (matcher === undefined) {
    matcher = createMatcher(segment, template);
    made.set(segment, matcher);
  }
  return matcher;
}

function createMatcher(segment: PatternSegment, template: string): SegmentMatcher {
  for (const expression of segment.expressions) {
    if (expression !== undefined) checkExpression(expression, template);
  }
  return nativeMatcher(segment) ?? linearMatcher(segment);
}

function checkExpression(expression: string, template: string): void {
  if (compiled(expression, template).groupCount() === 0) return;
  throw new TypeError(
    `Cannot match path template ${JSON.stringify(template)} as its expressions must not have capturing groups: current value is ${JSON.stringify(expression)}`,
  );
}

function compiled(expression: string, template: string): RE2JS {
  try {
    return RE2JS.compile(expression);
  } catch (cause) {
    throw new TypeError(
      `Cannot match path template ${JSON.stringify(template)} as its expressions must be RE2's: current value is ${JSON.stringify(expression)}`,
      { cause },
    );
  }
}

function linearMatcher(segment: PatternSegment): SegmentMatcher {
  const source = sourceOf(segment, RE2JS.quote, (expression) =>
    // It is matched against one segment, in which a slash can only be one that was escaped.
    expression === undefined ? "(?s:.+)" : expression,
  );
  const re2 = RE2JS.compile(source);
  return {
    test: (text) => re2.testExact(text),
    value(text, variable) {
      const matcher = re2.matcher(text);
      return (matcher.matches() ? matcher.group(variable) : "") ?? "";
    },
  };
}

// With one part of no fixed length there is nothing that could be laid out in many ways.
function nativeMatcher(segment: PatternSegment): SegmentMatcher | undefined {
  const simple = segment.expressions.map((expression) =>
    expression === undefined ? anything : simpleExpression(expression),
  );
  const open = simple.reduce((sum, one) => sum + (one?.openParts ?? 2), 0);
  if (open > 1) return undefined;
  let at = 0;
  const source = sourceOf(segment, quoteNative, () => simple[at++]?.source ?? "");
  const expression = new RegExp(`^${source}$`, "u");
  const isWhole = segment.pieces.length === 1;
  return {
    test: (text) => expression.test(text),
    value: (text, variable) => (isWhole ? text : (expression.exec(text)?.[variable] ?? "")),
  };
}

const anything = { source: "[^]+", openParts: 1 };

function sourceOf(
  { pieces, expressions }: PatternSegment,
  quote: (text: string) => string,
  expressionOf: (expression: string | undefined) => string,
): string {
  let variable = 0;
  const sources = pieces.map((piece) =>
    typeof piece === "string" ? quote(piece) : `(${expressionOf(expressions[variable++])})`,
  );
  return sources.join("");
}

function quoteNative(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
