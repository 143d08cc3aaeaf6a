import type { LiveLink, LiveList } from "../describe/live-list.ts";

/** A call under way, as the server that may have to end it sees it. */
export interface LiveCall extends LiveLink<LiveCall> {
  /** A stream that would stand for ever and must not hold a graceful stop. */
  readonly standing: boolean;
  /** Ends the call with UNAVAILABLE. */
  end(): void;
}

/** The calls under way on a server. */
export type LiveCalls = LiveList<LiveCall>;

/** Ends the calls that stand for ever, or all. */
export function endCalls(calls: LiveCalls, which: "standing" | "all"): void {
  for (const call of calls) if (which === "all" || call.standing) call.end();
}
