import type { Outcome } from "./outcome.ts";

/** A difference that RFC 9113 allows. */
interface Difference {
  readonly reason: string;
  holds(ours: string, theirs: string): boolean;
}

const connectionDifferences: readonly Difference[] = [];
const streamDifferences: readonly Difference[] = [];

/** Says how two outcomes differ beyond what is known; undefined when they do not. */
export function differenceOf(ours: Outcome, theirs: Outcome): string | undefined {
  const fault = ours.fault ?? theirs.fault;
  if (fault !== undefined) return `a fault: ${fault}`;
  if (ours.connection !== theirs.connection) {
    return connectionDifferences.some(({ holds }) => holds(ours.connection, theirs.connection)) ? undefined : "connection";
  }
  // What had been said about the streams when the connection broke depends on the moment.
  if (ours.connection.startsWith("error") || ours.connection === "cut") return undefined;
  const ids = new Set([...ours.streams.keys(), ...theirs.streams.keys()]);
  for (const id of ids) {
    const [our, their] = [ours.streams.get(id) ?? "nothing", theirs.streams.get(id) ?? "nothing"];
    if (our !== their && !streamDifferences.some(({ holds }) => holds(our, their))) return `stream ${id}`;
  }
  return undefined;
}
