import { STATUS_CODES, validateHeaderName, validateHeaderValue } from "node:http";
import { isFraming } from "./framing.ts";
import { httpDate } from "./http-date.ts";

const longestCache = 64;
const typeLines: Map<string, string> = new Map();

/** What a head tells of the connection and of the body behind it. */
export interface HeadPlan {
  /** Bytes of the body. */
  readonly length: number;
  /** The lines that keep the connection. */
  readonly persistLines: string;
}

/**
 * Writes the head of a whole answer of HTTP/1.1; undefined where the headers touch on the connection or the
 * framing, which are node's business.
 * @throws {TypeError} If a name or a value cannot be sent.
 */
export function wholeHead(
  status: number,
  headers: readonly string[],
  { length, persistLines }: HeadPlan,
): string | undefined {
  // Most answers have a content type and nothing else.
  const isCommon = headers.length === 2 && headers[0] === "Content-Type";
  const lines = isCommon ? typeLine(headers[1] ?? "") : headerLines(headers);
  if (lines === undefined) return undefined;
  const reason = STATUS_CODES[status] ?? "unknown";
  return `HTTP/1.1 ${status} ${reason}\r\n${lines}${persistLines}Content-Length: ${length}\r\n\r\n`;
}

/** What node:http says of a connection that stays. */
export function persistLinesOf(keepAliveTimeoutMs: number): string {
  const seconds = Math.floor(keepAliveTimeoutMs / 1000);
  const timeout = seconds > 0 ? `Keep-Alive: timeout=${seconds}\r\n` : "";
  return `Connection: keep-alive\r\n${timeout}`;
}

/** The lines of an answer that has only a content type, which are checked once. */
function typeLine(contentType: string): string {
  const known = typeLines.get(contentType);
  if (known !== undefined) return known + dateLine();
  validateHeaderValue("content-type", contentType);
  const line = `Content-Type: ${contentType}\r\n`;
  if (typeLines.size >= longestCache) typeLines.clear();
  typeLines.set(contentType, line);
  return line + dateLine();
}

function headerLines(headers: readonly string[]): string | undefined {
  let lines = "";
  let isDated = false;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? "";
    const value = headers[at + 1] ?? "";
    if (isFraming(name)) return undefined;
    validateHeaderName(name);
    validateHeaderValue(name, value);
    if (name.length === 4 && name.toLowerCase() === "date") isDated = true;
    lines += `${name}: ${value}\r\n`;
  }
  return isDated ? lines : lines + dateLine();
}

function dateLine(): string {
  return `Date: ${httpDate()}\r\n`;
}
