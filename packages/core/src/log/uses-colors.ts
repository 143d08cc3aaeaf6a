import type { Sink } from "./sink.ts";

/** Whether to colour: FORCE_COLOR decides, then a non-empty NO_COLOR forbids, otherwise only a terminal is coloured. */
export function usesColors(sink: Sink, env: Readonly<Record<string, string | undefined>>): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  return sink.isTTY === true;
}
