import { DecodeError } from "./decode-error.ts";

const strict = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();
// A Buffer, where there is one, is five times as quick as a TextEncoder for short texts.
const encode =
  typeof Buffer === "undefined"
    ? (text: string): Uint8Array => encoder.encode(text)
    : (text: string): Uint8Array => Buffer.from(text);

/**
 * Reads bytes as UTF-8; a byte order mark at the start is dropped.
 * @throws DecodeError where the bytes are not UTF-8, rather than putting U+FFFD in their place
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch (error) {
    throw new DecodeError("invalid UTF-8", { cause: error });
  }
}

/** Writes text as UTF-8. */
export function encodeUtf8(text: string): Uint8Array {
  return encode(text);
}
