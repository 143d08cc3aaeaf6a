import { types } from "node:util";
import { readProperty } from "./value-encoder.ts";

const maxCauses = 8;
const longestText = 16_384;

/** Writes an error's stack and those of its causes, as many lines; a thrown value that is no error gives its text. */
export function stackText(error: unknown): string {
  let text = "";
  let cause = error;
  for (let depth = 0; depth < maxCauses && cause !== undefined && cause !== null; depth++) {
    text += (depth === 0 ? "" : "\ncaused by: ") + ownStack(cause);
    cause = isError(cause) ? readProperty(cause, "cause") : undefined;
  }
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

/** Whether a value is an error, also one of another realm. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

function ownStack(error: unknown): string {
  try {
    if (!isError(error)) return String(error);
    return error.stack ?? `${error.name}: ${error.message}`;
  } catch {
    return "[unreadable]";
  }
}
