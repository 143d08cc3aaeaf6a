import { type FSWatcher, watch } from "node:fs";
import path from "node:path";
import { sleep } from "../../context/index.ts";
import { equalPems, readTlsFiles, type TlsFiles, type TlsPems } from "./tls-files.ts";

export interface WatchTlsOptions {
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Called when changed files cannot be used; what was there before still counts. @default nothing */
  readonly onFailure?: (error: Error) => void;
  /** Milliseconds after a change until the files are read, so that all of them are there. @default {100} */
  readonly settleMs?: number;
  /** Milliseconds between looks at the files where the system tells of no change, as on network drives. @default {60000} */
  readonly pollIntervalMs?: number;
}

const defaults = { settleMs: 100, pollIntervalMs: 60_000 } as const;

/**
 * Gives what the files hold now and after each change, until the signal aborts; files that cannot be used are
 * passed over. Replaced files, links that point elsewhere (as Kubernetes mounts secrets) and files written to
 * are all noticed.
 */
export async function* watchTlsFiles(
  files: TlsFiles,
  options: WatchTlsOptions,
): AsyncGenerator<TlsPems, void, undefined> {
  const { signal, onFailure, settleMs = defaults.settleMs } = options;
  const changes = new Changes(files, options.pollIntervalMs ?? defaults.pollIntervalMs);
  const onAbort = (): void => changes.tell();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    let last: TlsPems | undefined;
    while (!signal.aborted) {
      const next = tryRead(files, onFailure);
      if (next !== undefined && (last === undefined || !equalPems(last, next))) {
        last = next;
        yield next;
      }
      await changes.next(signal);
      await sleep(settleMs, { signal }).catch(() => undefined);
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    changes.close();
  }
}

function tryRead(
  files: TlsFiles,
  onFailure: ((error: Error) => void) | undefined,
): TlsPems | undefined {
  try {
    return readTlsFiles(files);
  } catch (error) {
    onFailure?.(toError(error));
    return undefined;
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** The folders of the files, as a file that is replaced is another one to the system. */
class Changes {
  readonly #watchers: readonly FSWatcher[];
  readonly #poll: NodeJS.Timeout;
  #happened = false;
  #waiting: (() => void) | undefined;

  constructor({ certFile, keyFile, caFile }: TlsFiles, pollIntervalMs: number) {
    const paths = [certFile, keyFile, ...(caFile === undefined ? [] : [caFile])];
    const folders = new Set(paths.map((file) => path.dirname(path.resolve(file))));
    this.#watchers = [...folders].flatMap((folder) => this.#watch(folder));
    this.#poll = setInterval(() => this.tell(), pollIntervalMs);
    this.#poll.unref();
  }

  tell(): void {
    this.#happened = true;
    this.#waiting?.();
  }

  /** Resolves once something has happened since the last time, or the signal has aborted. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#happened && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    this.#happened = false;
  }

  close(): void {
    clearInterval(this.#poll);
    for (const watcher of this.#watchers) watcher.close();
  }

  /** Where the system cannot watch, looking now and then has to do. */
  #watch(folder: string): readonly FSWatcher[] {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.tell());
      return [watcher.on("error", () => watcher.close())];
    } catch {
      return [];
    }
  }
}
