import { RE2JS } from "re2js";
import { defaultLogger } from "../../log/index.ts";
import { messageOf } from "../../errors/index.ts";

/**
 * Composes the question whether an operation is wholly the first match of one of the expressions. They
 * are RE2's, so that no operation takes longer than its length; what is no expression is left out.
 */
export function operationExpressions(
  expressions: readonly string[],
): (operation: string) => boolean {
  const compiled = expressions.flatMap((expression) => compile(expression) ?? []);
  return (operation) => compiled.some((one) => isWholly(one, operation));
}

function compile(expression: string): RE2JS | undefined {
  try {
    return RE2JS.compile(expression);
  } catch (error) {
    // As in Go the other conditions still hold; but nobody should have to guess why this one does not.
    defaultLogger().warn("selector expression left out", { expression, error: messageOf(error) });
    return undefined;
  }
}

// The leftmost match, with the first alternative that fits: `a|ab` is not the whole of "ab".
function isWholly(expression: RE2JS, operation: string): boolean {
  const matcher = expression.matcher(operation);
  return matcher.find() && matcher.group() === operation;
}
