import type { AnswerHead, Exchange } from "../wire/exchange.ts";
import { allLines } from "../wire/header-lines.ts";

/**
 * The headers an answer will have, of its head and of the exchange's `replyHeader`, as `reply` and `begin` join
 * them: a name in the head stands for all lines of that name.
 */
export function answerLines(
  exchange: Exchange,
  { headers = [] }: AnswerHead,
  name: string,
): readonly string[] {
  const own = allLines(headers, name);
  return own.length > 0 ? own : exchange.replyHeader.values(name);
}

/** The first line of a header an answer will have; undefined for none. */
export function answerLine(exchange: Exchange, head: AnswerHead, name: string): string | undefined {
  return answerLines(exchange, head, name)[0];
}

/** Names and values without those of some names, in lower case. */
export function withoutLines(
  headers: readonly string[],
  names: readonly string[],
): readonly string[] {
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? "";
    if (!names.includes(name.toLowerCase())) kept.push(name, headers[at + 1] ?? "");
  }
  return kept;
}

/** A head whose Vary names a request header too; the lines of the head and of the exchange are one list then. */
export function varyBy<Head extends AnswerHead>(
  exchange: Exchange,
  head: Head,
  name: string,
): Head {
  const own = allLines(head.headers ?? [], "vary");
  const lines = [...own, ...exchange.replyHeader.values("vary")].join(",");
  const names = lines.split(",").map((each) => each.trim().toLowerCase());
  if (!names.includes("*") && !names.includes(name.toLowerCase())) {
    exchange.replyHeader.add("Vary", name);
  }
  if (own.length === 0) return head;
  for (const line of own) exchange.replyHeader.add("Vary", line);
  return { ...head, headers: withoutLines(head.headers ?? [], ["vary"]) };
}
