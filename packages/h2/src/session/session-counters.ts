import type { SessionCounters } from "../contract.ts";

/** Counters at the start of a session. */
export function newCounters(): SessionCounters {
  return {
    streamsOpened: 0,
    streamsRefused: 0,
    streamsFailed: 0,
    resetsReceived: 0,
    resetsSent: 0,
    pingsReceived: 0,
    keepalivesSent: 0,
    settingsReceived: 0,
    bytesRead: 0,
    bytesWritten: 0,
  };
}
