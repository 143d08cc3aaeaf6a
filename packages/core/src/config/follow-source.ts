import { sleep } from "../context/index.ts";
import type { KeyValue, Source } from "./source.ts";

/** What following a source needs. */
export interface FollowOptions {
  readonly signal: AbortSignal;
  /** How long to wait after a failure. */
  readonly retryDelayMs: number;
  readonly onDocuments: (documents: readonly KeyValue[]) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Hands over what a source yields until the signal aborts or the source has no more; starts over when it fails.
 * Rejects only with what the source throws while it is being stopped.
 */
export async function followSource(source: Source, options: FollowOptions): Promise<void> {
  const { signal, retryDelayMs } = options;
  while (!signal.aborted) {
    try {
      await readAll(source, options);
      return;
    } catch (error) {
      if (signal.aborted) return throwUnlessAbort(error, signal);
      options.onError(error);
      await sleep(retryDelayMs, { signal }).catch(() => undefined);
    }
  }
}

async function readAll(source: Source, { signal, onDocuments }: FollowOptions): Promise<void> {
  for await (const documents of source.watch({ signal })) {
    if (signal.aborted) return;
    onDocuments(documents);
  }
}

function throwUnlessAbort(error: unknown, signal: AbortSignal): void {
  if (error === signal.reason || (error instanceof Error && error.name === "AbortError")) return;
  throw error;
}
