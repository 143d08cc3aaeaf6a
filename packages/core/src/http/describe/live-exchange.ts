import type { Exchange } from "../wire/exchange.ts";
import type { LiveExchangeDescription } from "./description.ts";

/** An exchange that is told of while it is under way. */
export interface LiveExchange extends Pick<
  Exchange,
  "method" | "target" | "httpVersion" | "peerAddress"
> {
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

/** Tells of exchanges under way. */
export function describeExchange(exchange: LiveExchange, now: number): LiveExchangeDescription {
  const { method, target, httpVersion, peerAddress, startedAt } = exchange;
  // A query may hold what is not for consoles.
  const [path = ""] = target.split("?", 1);
  const ageMs = now - startedAt;
  return { method, path, httpVersion, remoteAddress: peerAddress, startedAt, ageMs };
}
