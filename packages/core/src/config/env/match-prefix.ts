/** Answers the first of the prefixes that a name starts with; undefined for none. */
export function matchPrefix(name: string, prefixes: readonly string[]): string | undefined {
  return prefixes.find((prefix) => name.startsWith(prefix));
}
