import { sleep } from "../../context/index.ts";

/** Waits as long as a server that stops is to go on serving; being cut is an end of the wait like any other. */
export async function drainDelay(delayMs: number, signal: AbortSignal): Promise<void> {
  if (delayMs > 0) await sleep(delayMs, { signal }).catch(() => {});
}
