/** A header value of the form `value; name=text; name="text"`. */
export interface ParameterizedValue {
  /** What stands before the first `;`, in lower case. */
  readonly value: string;
  /** The parameters, their names in lower case; of two with one name the first holds. */
  readonly params: ReadonlyMap<string, string>;
}

const parameter = /;\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/gsy;

/** Takes a header value with parameters apart; what is malformed ends it. */
export function parseParameterized(text: string): ParameterizedValue {
  const semicolon = text.indexOf(";");
  const end = semicolon === -1 ? text.length : semicolon;
  const params = new Map<string, string>();
  parameter.lastIndex = end;
  for (let found = parameter.exec(text); found !== null; found = parameter.exec(text)) {
    const name = (found[1] ?? "").toLowerCase();
    // Browsers escape a quote as %22 and leave backslashes of paths as they are: only `\"` and `\\` are escapes.
    const value =
      found[2] === undefined ? (found[3] ?? "").trim() : found[2].replace(/\\(["\\])/g, "$1");
    if (!params.has(name)) params.set(name, value);
  }
  return { value: text.slice(0, end).trim().toLowerCase(), params };
}

/** Decodes `charset'language'percent-encoded`, as RFC 8187 writes what is not ASCII; undefined where it is none. */
export function decodeExtValue(text: string): string | undefined {
  const [charset = "", , encoded] = text.split("'");
  if (encoded === undefined || !/^utf-8$/i.test(charset)) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined; // not what the RFC writes: as if it were not there
  }
}
