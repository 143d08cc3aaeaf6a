/** Whether a variable's regular expression may match a slash, as far as its text tells; without one it may not. */
export function crossesSlash(expression = ""): boolean {
  // Classes first: those that shut slashes out, and those that name what they let in.
  const bare = expression
    .replaceAll(/\[\^[^\]]*\/[^\]]*\]/g, "")
    .replaceAll(/\[(?!:\^|\^)(?:\[:[a-z]+:\]|[^\]/[])+\]/g, "")
    .replaceAll(/\\\./g, "");
  return /[./]|\[|\\[WSDPCx0-7]/.test(bare);
}
