import { DecodeError } from "../decode-error.ts";
import { quoted } from "./query.ts";

/** A map field and the key of one of its entries. */
export interface MapKey {
  readonly field: string;
  readonly key: string;
}

/**
 * Splits `field[key]` or `field.key`.
 * @throws DecodeError for any other form
 */
export function parseMapKey(text: string): MapKey {
  const found = splitMapKey(text);
  if (found === undefined) throw invalidMapKey(text);
  return found;
}

/** Splits `field[key]` or `field.key`; undefined for any other form. */
export function splitMapKey(text: string): MapKey | undefined {
  const bracket = text.indexOf("[");
  const closing = text.lastIndexOf("]");
  // All up to the last bracket is the key, so that keys with dots and brackets in them survive.
  if (bracket > 0 && bracket < closing && closing === text.length - 1) {
    return { field: text.slice(0, bracket), key: text.slice(bracket + 1, -1) };
  }
  const dot = text.indexOf(".");
  if (bracket === -1 && closing === -1 && dot > 0 && dot === text.lastIndexOf(".")) {
    return { field: text.slice(0, dot), key: text.slice(dot + 1) };
  }
  return undefined;
}

/** Makes the error of a key that is neither form. */
export function invalidMapKey(text: string): DecodeError {
  return new DecodeError(`invalid formatting for map key: current value is ${quoted(text)}`);
}
