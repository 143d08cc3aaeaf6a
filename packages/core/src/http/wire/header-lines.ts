/**
 * Looks into a flat list of header names and values, as llhttp gives it: building an object of all of
 * them costs more than the two or three look-ups a call needs. `name` is in lower case.
 */
export function firstLine(raw: readonly string[], name: string): string | undefined {
  for (let at = 0; at < raw.length; at += 2) {
    if (isName(raw[at], name)) return raw[at + 1];
  }
  return undefined;
}

/** All lines of a name, each as it came. */
export function allLines(raw: readonly string[], name: string): readonly string[] {
  let lines: string[] | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    if (isName(raw[at], name)) (lines ??= []).push(raw[at + 1] ?? "");
  }
  return lines ?? none;
}

/** Names and values in turn as pairs. */
export function* linePairs(raw: readonly string[]): Generator<readonly [string, string]> {
  for (let at = 0; at < raw.length; at += 2) yield [raw[at] ?? "", raw[at + 1] ?? ""];
}

const none: readonly string[] = [];

function isName(candidate: string | undefined, name: string): boolean {
  return (
    candidate !== undefined &&
    candidate.length === name.length &&
    (candidate === name || candidate.toLowerCase() === name)
  );
}
