import { isIP } from "node:net";
import { allLines } from "../wire/header-lines.ts";
import { plainAddress } from "./address-set.ts";

/** One hop of a request, as the proxy that took it tells; what it does not tell is "". */
export interface Hop {
  readonly address: string;
  readonly scheme: string;
  readonly host: string;
}

// The hops of any honest request; those farther away are not looked at.
const maxHops = 32;
const longestLine = 8192;

/** The hops an X-Forwarded-For tells of, the nearest last, with what -Proto and -Host say of them. */
export function hopsOfXForwarded(rawHeaders: readonly string[]): readonly Hop[] {
  const addresses = listOf(rawHeaders, "x-forwarded-for");
  const schemes = listOf(rawHeaders, "x-forwarded-proto");
  const hosts = listOf(rawHeaders, "x-forwarded-host");
  return addresses.map((address, at) => ({
    address: addressOf(address),
    scheme: schemeOf(valueAt(schemes, at, addresses.length)),
    host: hostOf(valueAt(hosts, at, addresses.length)),
  }));
}

/** Where each hop has said its own there is one a hop; else the nearest proxy's word counts, which is the last. */
function valueAt(values: readonly string[], at: number, hops: number): string {
  return (values.length === hops ? values[at] : values.at(-1)) ?? "";
}

/** The hops a Forwarded tells of (RFC 7239), the nearest last; one that cannot be read has no address. */
export function hopsOfForwarded(rawHeaders: readonly string[]): readonly Hop[] {
  const text = allLines(rawHeaders, "forwarded").join(",");
  if (text.length > longestLine) return [];
  return splitOutsideQuotes(text, ",").slice(-maxHops).map(hopOf);
}

const parameter = /^\s*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s";,]*))\s*$/;

function hopOf(element: string): Hop {
  const found = new Map<string, string>();
  for (const part of splitOutsideQuotes(element, ";")) {
    const [, name = "", quoted, bare = ""] = parameter.exec(part) ?? [];
    found.set(name.toLowerCase(), quoted === undefined ? bare : quoted.replace(/\\(.)/g, "$1"));
  }
  return {
    address: addressOf(found.get("for") ?? ""),
    scheme: schemeOf(found.get("proto") ?? ""),
    host: hostOf(found.get("host") ?? ""),
  };
}

function splitOutsideQuotes(text: string, separator: "," | ";"): readonly string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isQuoted && character === "\\") at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function listOf(rawHeaders: readonly string[], name: string): readonly string[] {
  const text = allLines(rawHeaders, name).join(",");
  if (text === "" || text.length > longestLine) return [];
  return text.split(",").slice(-maxHops);
}

/** The address in what proxies write: bare, in brackets, or with a port; "" for anything else. */
function addressOf(text: string): string {
  const trimmed = text.trim();
  if (isIP(trimmed) !== 0) return plainAddress(trimmed);
  const [, bracketed, bare] = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/.exec(trimmed) ?? [];
  const address = bracketed ?? bare ?? "";
  return isIP(address) === 0 ? "" : plainAddress(address);
}

function schemeOf(text: string): string {
  const scheme = text.trim().toLowerCase();
  return scheme === "http" || scheme === "https" ? scheme : "";
}

const hostName = /^(?:[a-z0-9](?:[a-z0-9_.-]{0,253})|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

function hostOf(text: string): string {
  const host = text.trim();
  return hostName.test(host) ? host : "";
}
