import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import path from "node:path";
import { notFound } from "../../errors/index.ts";
import type { ByteRange } from "./byte-range.ts";
import type { Content } from "./content.ts";
import { contentDisposition } from "./content-disposition.ts";
import { contentTypeOfFile } from "./content-type-of.ts";

/** How a file is sent. */
export interface FileOptions {
  /** @default by the end of the file's name */
  readonly contentType?: string;
  /** Whether a browser shows or saves it. @default none: it shows what it can */
  readonly disposition?: "attachment" | "inline";
  /** The name it is saved by. @default the file's own, where there is a disposition */
  readonly filename?: string;
  /** @default {"no-cache"} which lets caches keep it and has them ask whether it changed */
  readonly cacheControl?: string;
}

/** A file that is open. */
export interface FileContent extends Content, AsyncDisposable {
  close(): Promise<void>;
}

const chunkBytes = 64 * 1024;

/**
 * Opens a file as a content: its ETag is made of its size and time. Whoever opens it has to close it.
 * @throws {KratosError} 404 FILE_NOT_FOUND for what is no ordinary file
 */
export async function openFile(file: string, options: FileOptions = {}): Promise<FileContent> {
  const handle = await openOrdinary(file);
  try {
    const { size, mtimeMs, mtime } = await handle.stat();
    const { disposition, filename = path.basename(file) } = options;
    const close = (): Promise<void> => handle.close();
    return {
      contentType: options.contentType ?? contentTypeOfFile(file),
      sizeBytes: size,
      etag: `"${size.toString(36)}-${Math.round(mtimeMs * 1000).toString(36)}"`,
      lastModified: mtime,
      disposition: disposition && contentDisposition(disposition, filename),
      cacheControl: options.cacheControl ?? "no-cache",
      read: (range) => readRange(handle, range),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Makes the error of a path that leads to no file. */
export function fileNotFound(cause?: unknown): Error {
  return notFound("FILE_NOT_FOUND", "there is no such file", { cause });
}

/** Whether a failure of the file system says that there is nothing to send. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && missing.has(String(error.code));
}

const missing: ReadonlySet<string> = new Set([
  "ENOENT",
  "ENOTDIR",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "EACCES",
  "EPERM",
  "ENXIO",
  "ERR_INVALID_ARG_VALUE",
]);

async function openOrdinary(file: string): Promise<FileHandle> {
  try {
    // To open a pipe is to wait for its writer.
    if (!(await stat(file)).isFile()) throw fileNotFound();
    return await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw isMissing(error) ? fileNotFound(error) : error;
  }
}

async function* readRange(
  handle: FileHandle,
  range: ByteRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = range.start; at < range.end;) {
    const length = Math.min(chunkBytes, range.end - at);
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await handle.read(buffer, 0, length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
