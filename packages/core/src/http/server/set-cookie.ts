import type { Context } from "../../context/index.ts";
import { httpTransport } from "./http-transport.ts";

/** A cookie to set, RFC 6265. */
export interface Cookie {
  readonly name: string;
  /** ASCII without control characters, quotes, semicolons and backslashes; blanks and commas are quoted. */
  readonly value: string;
  /** @default the folder of the request's path, by the browser */
  readonly path?: string;
  /** @default the host of the request alone, by the browser */
  readonly domain?: string;
  /** @default none: until the browser ends, unless there is `maxAgeMs` */
  readonly expires?: Date;
  /** Milliseconds, of which full seconds are sent; 0 or less deletes the cookie. @default none */
  readonly maxAgeMs?: number;
  /** Only over https. @default {false} */
  readonly secure?: boolean;
  /** Not for scripts. @default {false} */
  readonly httpOnly?: boolean;
  /** @default none: the browser's */
  readonly sameSite?: "strict" | "lax" | "none";
  /** A jar of its own for each site it is embedded in. @default {false} */
  readonly partitioned?: boolean;
}

/**
 * Sends a cookie with the answer; several calls send several. Does nothing outside a call over HTTP.
 * @throws {TypeError} For what a browser would refuse, or would take for something else.
 */
export function setCookie(context: Context, cookie: Cookie): void {
  httpTransport(context)?.replyHeader.add("Set-Cookie", formatCookie(cookie));
}

/** @throws {TypeError} For what a browser would refuse, or would take for something else. */
function formatCookie(cookie: Cookie): string {
  const { name, path, domain, expires, maxAgeMs, sameSite } = cookie;
  check(cookie);
  let text = `${name}=${quoted(cookie.value)}`;
  if (path !== undefined) text += `; Path=${path}`;
  if (domain !== undefined) text += `; Domain=${domain.replace(/^\./, "")}`;
  if (expires !== undefined) text += `; Expires=${expires.toUTCString()}`;
  if (maxAgeMs !== undefined) text += `; Max-Age=${Math.max(0, Math.trunc(maxAgeMs / 1000))}`;
  if (cookie.httpOnly === true) text += "; HttpOnly";
  if (cookie.secure === true) text += "; Secure";
  if (sameSite !== undefined) text += `; SameSite=${sameSites[sameSite]}`;
  return cookie.partitioned === true ? `${text}; Partitioned` : text;
}

const sameSites = { strict: "Strict", lax: "Lax", none: "None" } as const;

const token = /^[\w!#$%&'*+.^`|~-]+$/;
const valueText = /^[ !#-:<-[\]-~]*$/;
const pathText = /^[ -:<-~]*$/;
const domainText = /^\.?[A-Za-z\d](?:[A-Za-z\d.-]*[A-Za-z\d])?$/;

function check(cookie: Cookie): void {
  const { name, value, path = "", domain, expires, maxAgeMs = 0, sameSite, partitioned } = cookie;
  if (!token.test(name)) fail("its name must be a token", name);
  // The value may be a secret, and stays out of the text.
  if (!valueText.test(value))
    fail("its value must be ASCII without quotes, semicolons and backslashes", "another");
  if (!pathText.test(path)) fail("its path must be ASCII without semicolons", path);
  if (domain !== undefined && (!domainText.test(domain) || domain.length > 253))
    fail("its domain must be a name of a host", domain);
  if (expires !== undefined && !(expires.getUTCFullYear() >= 1601))
    fail("it must expire at a time after 1600", String(expires));
  if (!Number.isFinite(maxAgeMs)) fail("its age must be finite", String(maxAgeMs));
  const secure = cookie.secure === true;
  if (!secure && (sameSite === "none" || partitioned === true || /^__(?:Secure|Host)-/i.test(name)))
    fail("one for other sites, or named so, must be secure", name);
  if (/^__Host-/i.test(name) && (path !== "/" || domain !== undefined))
    fail("one named __Host- must have the path / and no domain", name);
}

function quoted(value: string): string {
  return /[ ,]/.test(value) ? `"${value}"` : value;
}

function fail(rule: string, value: string): never {
  throw new TypeError(`Cannot set a cookie as ${rule}: current value is ${JSON.stringify(value)}`);
}
