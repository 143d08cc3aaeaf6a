import { STATUS_CODES, validateHeaderName, validateHeaderValue } from "node:http";
import { isFraming } from "./framing.ts";
import { httpDate } from "./http-date.ts";

/**
 * Writes the head of a whole answer of HTTP/1.1; undefined where the headers touch on the connection or the
 * framing, which are node's business.
 * @throws {TypeError} If a name or a value cannot be sent.
 */
export function wholeHead(
  status: number,
  headers: readonly string[],
  { length, persistLines }: { readonly length: number; readonly persistLines: string },
): string | undefined {
  let lines = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "unknown"}\r\n`;
  let dated = false;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? "";
    const value = headers[at + 1] ?? "";
    if (isFraming(name)) return undefined;
    validateHeaderName(name);
    validateHeaderValue(name, value);
    if (name.length === 4 && name.toLowerCase() === "date") dated = true;
    lines += `${name}: ${value}\r\n`;
  }
  if (!dated) lines += `Date: ${httpDate()}\r\n`;
  return `${lines}${persistLines}Content-Length: ${length}\r\n\r\n`;
}

/** What node:http says of a connection that stays. */
export function persistLines(keepAliveTimeoutMs: number): string {
  const seconds = Math.floor(keepAliveTimeoutMs / 1000);
  return `Connection: keep-alive\r\n${seconds > 0 ? `Keep-Alive: timeout=${seconds}\r\n` : ""}`;
}
