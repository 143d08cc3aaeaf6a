import { DecodeError } from "../decode-error.ts";

/** A key and one of its values. */
export type QueryPair = readonly [key: string, value: string];

/** Limits of a query text. */
export interface QueryLimits {
  /** How many pairs it may hold. @default {1000} */
  readonly maxPairs?: number;
}

const defaults = { maxPairs: 1000 } satisfies Required<QueryLimits>;

/**
 * Reads `k=v&...` into the values of each key, keys and values in the order they came.
 * @throws DecodeError for a bad %-escape, a ";" or too many pairs
 */
export function parseQuery(text: string, limits: QueryLimits = {}): Map<string, string[]> {
  const maxPairs = limits.maxPairs ?? defaults.maxPairs;
  const values = new Map<string, string[]>();
  let pairs = 0;
  for (let start = 0; start < text.length;) {
    const ampersand = text.indexOf("&", start);
    const end = ampersand === -1 ? text.length : ampersand;
    if (end > start) {
      if (++pairs > maxPairs)
        throw new DecodeError(`too many pairs in query: the limit is ${maxPairs}`);
      addPair(values, text.slice(start, end));
    }
    start = end + 1;
  }
  return values;
}

/** Writes pairs as `k=v&...`, sorted by key; the values of one key keep their order. */
export function formatQuery(pairs: readonly QueryPair[]): string {
  return pairs
    .toSorted(([left], [right]) => compareText(left, right))
    .map(([key, value]) => `${escapeQuery(key)}=${escapeQuery(value)}`)
    .join("&");
}

// By code point, which is the order of the bytes; by UTF-16 an emoji would come before U+E000.
function compareText(left: string, right: string): number {
  let index = 0;
  while (index < left.length && left.charCodeAt(index) === right.charCodeAt(index)) index++;
  return (left.codePointAt(index) ?? -1) - (right.codePointAt(index) ?? -1);
}

const unreserved = /^[\w.~-]*$/;
const loneSurrogate = /[\ud800-\udfff]/gu;

/** Escapes text for a query as Go does: letters, digits and `-_.~` stay, a blank is `+`, the rest is `%XX`. */
export function escapeQuery(text: string): string {
  if (unreserved.test(text)) return text;
  return escapeComponent(text).replace(/%20|[!'()*]/g, (found) =>
    found === "%20" ? "+" : `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Escapes text as `encodeURIComponent` does; half a surrogate pair becomes U+FFFD. */
export function escapeComponent(text: string): string {
  return encodeURIComponent(text.replace(loneSurrogate, "\ufffd"));
}

function addPair(values: Map<string, string[]>, pair: string): void {
  if (pair.includes(";"))
    throw new DecodeError(`invalid semicolon separator in query: current value is ${quoted(pair)}`);
  const equals = pair.indexOf("=");
  const key = unescapeQuery(equals === -1 ? pair : pair.slice(0, equals));
  const value = equals === -1 ? "" : unescapeQuery(pair.slice(equals + 1));
  const known = values.get(key);
  if (known === undefined) values.set(key, [value]);
  else known.push(value);
}

function unescapeQuery(text: string): string {
  const blanks = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!blanks.includes("%")) return blanks;
  try {
    return decodeURIComponent(blanks);
  } catch (error) {
    throw new DecodeError(`invalid URL escape: current value is ${quoted(text)}`, { cause: error });
  }
}

const shownLength = 64;

/** Quotes what a peer sent for an error text, cut where it is long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > shownLength ? `${text.slice(0, shownLength)}...` : text);
}
