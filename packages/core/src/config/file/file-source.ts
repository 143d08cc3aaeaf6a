import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { KeyValue, Source } from "../index.ts";
import { PathWatcher } from "./path-watcher.ts";
import { isMissingError, parentOf, readDocuments, type Snapshot } from "./read-documents.ts";

/** How a file source watches. */
export interface FileSourceOptions {
  /** How long it must be quiet after a change before the files are read again. @default {50} */
  readonly debounceMs?: number;
}

const defaults = { debounceMs: 50 } satisfies Required<FileSourceOptions>;

/**
 * Takes a file, or the files of a directory in the order of their names. A file's extension is its format;
 * one without becomes a text under its own name. In a directory, subdirectories, hidden files and what
 * editors leave behind are skipped.
 *
 * Follows edits in place, replacement by rename, removal and creation, and Kubernetes' swap of symbolic links.
 * What was touched without being changed is not told. While the path itself is missing the last content stays.
 *
 * @throws {RangeError} If `debounceMs` is not from 0 to 60000.
 */
export function fileSource(path: string, options: FileSourceOptions = {}): Source {
  const debounceMs = options.debounceMs ?? defaults.debounceMs;
  if (!(debounceMs >= 0 && debounceMs <= maxDebounceMs)) {
    throw new RangeError(
      `Cannot make a file source as 'debounceMs' must be 0 to ${maxDebounceMs}: current value is ${debounceMs}`,
    );
  }
  const absolute = resolve(path);
  return {
    load: async () => (await readDocuments(absolute)).documents,
    watch: ({ signal }) => watchFiles(absolute, { signal, debounceMs }),
  };
}

const maxDebounceMs = 60_000;
// Links can be swapped while they are followed, but not for ever.
const maxReadings = 5;

interface WatchFilesOptions {
  readonly signal: AbortSignal;
  readonly debounceMs: number;
}

async function* watchFiles(
  path: string,
  options: WatchFilesOptions,
): AsyncGenerator<readonly KeyValue[]> {
  const watcher = new PathWatcher(options);
  let told: string | undefined;
  try {
    do {
      const documents = await readWatched(path, watcher);
      const digest = documents === undefined ? told : digestOf(documents);
      if (documents !== undefined && digest !== told) yield documents;
      told = digest;
    } while (await watcher.changed());
  } finally {
    watcher.close();
  }
}

// What is read must have been watched before, or a change right after the reading goes unseen.
async function readWatched(
  path: string,
  watcher: PathWatcher,
): Promise<readonly KeyValue[] | undefined> {
  let snapshot = await readOrMiss(path);
  for (let reading = 1; watcher.aim(snapshot.targets) && reading < maxReadings; reading++) {
    snapshot = await readOrMiss(path);
  }
  return snapshot.isMissing ? undefined : snapshot.documents;
}

async function readOrMiss(path: string): Promise<Snapshot & { readonly isMissing: boolean }> {
  try {
    return { ...(await readDocuments(path)), isMissing: false };
  } catch (error) {
    if (!isMissingError(error)) throw error;
    return { documents: [], targets: [parentOf(path)], isMissing: true };
  }
}

function digestOf(documents: readonly KeyValue[]): string {
  const hash = createHash("sha256");
  for (const { key, value } of documents) {
    hash.update(`${Buffer.byteLength(key)}:${key}${value.byteLength}:`).update(value);
  }
  return hash.digest("base64");
}
