import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { isSystemError } from "./is-system-error.ts";
import { decodeRecord, type LocalRecord } from "./record.ts";

/** No record is near this; a file that is must not fill the memory. */
const maxFileBytes = 1 << 20;

// Neither follow a link nor wait for the writer of a pipe. Windows knows neither flag.
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** What was found under a path. */
export interface FoundFile {
  /** Undefined when the file is no record. */
  readonly record: LocalRecord | undefined;
  /** When the file was changed last, in epoch milliseconds. */
  readonly changedMs: number;
}

/** Reads one file as a record; undefined when there is no such file. */
export async function readRecord(path: string): Promise<FoundFile | undefined> {
  try {
    const file = await open(path, openFlags);
    try {
      const stats = await file.stat();
      const isReadable = stats.isFile() && stats.size <= maxFileBytes;
      const record = isReadable ? decodeRecord(await file.readFile("utf8")) : undefined;
      return { record, changedMs: stats.mtimeMs };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return undefined;
    // A link, somebody else's file, a folder, a socket.
    if (isSystemError(error, "ELOOP", "EACCES", "EPERM", "EISDIR", "ENXIO"))
      return { record: undefined, changedMs: Infinity };
    throw error;
  }
}
