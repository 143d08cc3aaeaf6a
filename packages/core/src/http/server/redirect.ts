import { STATUS_CODES } from "node:http";
import { KratosError } from "../../errors/index.ts";
import type { Exchange } from "../wire/exchange.ts";
import { splitTarget } from "./request-path.ts";

/**
 * Another place to go to, returned by the handler of a route or thrown by anything that answers over HTTP.
 * It is an error on purpose, so that middleware passes it on; over other protocols it is one of its code.
 */
export class Redirect extends KratosError {
  readonly location: string;

  constructor(location: string, status: number) {
    super(`redirect to ${location}`, { code: status, reason: "REDIRECT" });
    this.name = "Redirect";
    this.location = location;
  }
}

/**
 * Makes a redirect; a location without a scheme or a slash is below the folder of the request's path.
 * @throws {RangeError} If the status is none of a redirect.
 */
export function redirect(location: string, status: number = 302): Redirect {
  if (Number.isInteger(status) && status >= 300 && status <= 399 && status !== 304) {
    return new Redirect(location, status);
  }
  throw new RangeError(
    `Cannot redirect as the status must be one of 300 to 399 and not 304: current value is ${status}`,
  );
}

// Whoever chains more causes than this is lost in them.
const maxCauses = 16;

/** The redirect an error is, or is caused by. */
export function redirectOf(error: unknown): Redirect | undefined {
  let cause = error;
  for (let depth = 0; depth < maxCauses && cause instanceof Error; depth++) {
    if (cause instanceof Redirect) return cause;
    ({ cause } = cause);
  }
  return undefined;
}

/** Answers with a redirect, to a GET with a link in HTML for whoever does not follow. */
export function sendRedirect(
  exchange: Exchange,
  { location, status }: { readonly location: string; readonly status: number },
): void {
  const place = headerText(absolute(location, splitTarget(exchange.target).path));
  const headers = ["Location", place];
  if (exchange.method !== "GET") return exchange.reply({ status, headers });
  const body = `<a href="${escapeHtml(place)}">${STATUS_CODES[status] ?? "Redirect"}</a>.\n\n`;
  exchange.reply({
    status,
    headers: [...headers, "Content-Type", "text/html; charset=utf-8"],
    body,
  });
}

function absolute(location: string, path: string): string {
  if (location.startsWith("/") || /^[a-z][a-z\d+.-]*:/i.test(location)) return location;
  const mark = /[?#]/.exec(location)?.index ?? location.length;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const { pathname } = new URL(`http://host${folder}${location.slice(0, mark)}`);
  return pathname + location.slice(mark);
}

// Header lines are ASCII, and a line break in one would begin another.
function headerText(location: string): string {
  return location.replaceAll(/[^!-~]+/g, (text) =>
    encodeURIComponent(text.replaceAll(/[\ud800-\udfff]/gu, "\ufffd")),
  );
}

const htmlEscapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => htmlEscapes[character] ?? "");
}
