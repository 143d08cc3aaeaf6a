/** An expression that means the same to RE2 and to RegExp. */
export interface SimpleExpression {
  /** For RegExp with the flag `u`. */
  readonly source: string;
  /** How many parts of it have no fixed length. */
  readonly openParts: number;
}

// One character or class, and how often: nothing nests, and no class has a name.
const item =
  /(\[\^?(?:[\w/.,~@!%+=:;&'()*$ -]|\\[dw.])+\]|\\[dw./]|\.|[\w/~@!%,;=&-])([+*?]|\{\d{1,3}(?:,(?:\d{1,3})?)?\})?/uy;

/**
 * Translates an expression of characters, classes and counts, such as `[a-z][a-z0-9]{2,8}`; undefined for
 * any other. Whether RE2 takes it is for others to ask.
 */
export function simpleExpression(expression: string): SimpleExpression | undefined {
  let source = "";
  let openParts = 0;
  item.lastIndex = 0;
  for (let at = 0; at < expression.length; at = item.lastIndex) {
    const [whole, unit = "", count = ""] = item.exec(expression) ?? [];
    if (whole === undefined) return undefined;
    source += (unit === "." ? "[^\\n]" : unit) + count;
    if (!isFixed(count)) openParts++;
  }
  return isRegExp(source) ? { source, openParts } : undefined;
}

function isFixed(count: string): boolean {
  return count === "" || /^\{\d+\}$/.test(count);
}

function isRegExp(source: string): boolean {
  try {
    return new RegExp(source, "u") instanceof RegExp;
  } catch {
    return false; // what only RE2 can read
  }
}
