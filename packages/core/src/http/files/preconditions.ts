import type { Exchange } from "../wire/exchange.ts";
import { allLines } from "../wire/header-lines.ts";

/** What tells one state of a content from another. */
export interface Validators {
  /** With its quotes, and `W/` where it is weak. */
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
}

/** What the conditions of a request come to. */
export type Verdict = "proceed" | "not modified" | "failed";

/** Judges If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, as RFC 9110 13.2.2 orders them. */
export function judgeConditions(exchange: Exchange, validators: Validators): Verdict {
  const { etag } = validators;
  const ifMatch = conditionOf(exchange, "if-match");
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, etag, "strong")) return "failed";
  } else if (isLaterThan(validators, conditionOf(exchange, "if-unmodified-since"))) {
    return "failed";
  }
  const isRead = exchange.method === "GET" || exchange.method === "HEAD";
  const ifNoneMatch = conditionOf(exchange, "if-none-match");
  if (ifNoneMatch !== undefined) {
    if (!matches(ifNoneMatch, etag, "weak")) return "proceed";
    return isRead ? "not modified" : "failed";
  }
  const since = conditionOf(exchange, "if-modified-since");
  return isRead && isLaterThan(validators, since) === false ? "not modified" : "proceed";
}

/** Whether the part a peer has is of this very state, so that a range may complete it. */
export function allowsRange(exchange: Exchange, { etag, lastModified }: Validators): boolean {
  const ifRange = conditionOf(exchange, "if-range");
  if (ifRange === undefined) return true;
  if (ifRange.includes('"')) return !ifRange.startsWith("W/") && ifRange === etag;
  return lastModified !== undefined && Date.parse(ifRange) === wholeSeconds(lastModified);
}

function conditionOf(exchange: Exchange, name: string): string | undefined {
  const lines = allLines(exchange.rawHeaders, name);
  return lines.length === 0 ? undefined : lines.join(",").trim();
}

const entityTag = /(W\/)?"[^"]*"/g;

function matches(list: string, etag: string | undefined, comparison: "strong" | "weak"): boolean {
  if (list === "*") return true;
  if (etag === undefined) return false;
  const tags: readonly string[] = list.match(entityTag) ?? [];
  if (comparison === "strong") {
    return !etag.startsWith("W/") && tags.includes(etag);
  }
  const opaque = etag.replace(/^W\//, "");
  return tags.some((tag) => tag.replace(/^W\//, "") === opaque);
}

/** Undefined where one of the two times is not known. */
function isLaterThan({ lastModified }: Validators, text: string | undefined): boolean | undefined {
  const time = Date.parse(text ?? "");
  if (lastModified === undefined || Number.isNaN(time)) return undefined;
  return wholeSeconds(lastModified) > time;
}

// Dates of HTTP have no fractions.
function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}
