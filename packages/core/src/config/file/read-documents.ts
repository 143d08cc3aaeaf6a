import type { Stats } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { formatOfKey, type KeyValue } from "../index.ts";
import type { WatchTarget } from "./path-watcher.ts";

/** What a path holds, and what must be watched to hear of a change. */
export interface Snapshot {
  readonly documents: readonly KeyValue[];
  readonly targets: readonly WatchTarget[];
}

/** Reads a file or the files of a directory. */
export async function readDocuments(path: string): Promise<Snapshot> {
  const stats = await stat(path);
  if (stats.isDirectory()) return readDirectory(path);
  const real = await realpath(path);
  const document = await readDocument(path);
  const isLink = real !== join(await realpath(dirname(path)), basename(path));
  return {
    documents: [document],
    // The file itself too: what is mounted over a path does not make its directory speak. And a link may
    // lead through other names of its directory, as Kubernetes' "..data" does.
    targets: [isLink ? whole(dirname(path)) : parentOf(path), whole(path), whole(dirname(real))],
  };
}

/** Watches the directory of a path for what happens under the path's name. */
export function parentOf(path: string): WatchTarget {
  return { path: dirname(path), name: basename(path) };
}

/** Whether an error says that a path is not there. */
export function isMissingError(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ENOENT" || error.code === "ENOTDIR")
  );
}

function whole(path: string): WatchTarget {
  return { path, name: undefined };
}

async function readDirectory(path: string): Promise<Snapshot> {
  const names = (await readdir(path)).filter((name) => !isSkipped(name)).toSorted(byBytes);
  const documents: KeyValue[] = [];
  const places = new Set<string>();
  for (const name of names) {
    const found = await readEntry(join(path, name));
    if (found === undefined) continue;
    documents.push(found.document);
    places.add(dirname(found.real));
  }
  return { documents, targets: [parentOf(path), whole(path), ...[...places].map(whole)] };
}

// An entry may vanish between the listing and the reading, and a link may lead nowhere.
async function readEntry(path: string): Promise<{ document: KeyValue; real: string } | undefined> {
  try {
    const stats: Stats = await stat(path);
    if (!stats.isFile()) return undefined;
    return { document: await readDocument(path), real: await realpath(path) };
  } catch (error) {
    if (isMissingError(error)) return undefined;
    throw error;
  }
}

async function readDocument(path: string): Promise<KeyValue> {
  const key = basename(path);
  return { key, value: await readFile(path), format: formatOfKey(key) };
}

function isSkipped(name: string): boolean {
  return (
    name.startsWith(".") || name.endsWith("~") || /\.sw[a-z]$/.test(name) || /^#.*#$/.test(name)
  );
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
