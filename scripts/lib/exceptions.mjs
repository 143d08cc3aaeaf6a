/**
 * Tells whether a line, or the one above it, is excused by a comment `// ceiling: <reason>`.
 * @param {readonly string[]} lines
 * @param {number} line From 1.
 */
export function isExcused(lines, line) {
  return [line, line - 1].some((each) => /\/\/ ceiling: \S.{7,}/.test(lines[each - 1] ?? ""));
}
