import { realpath } from "node:fs/promises";
import path from "node:path";
import { fileNotFound, isMissing } from "./file-content.ts";

/** Which files of a folder may be found. */
export interface FindFileOptions {
  /** Whether names that begin with a dot are found. @default {false} */
  readonly dotfiles?: boolean;
  /** Whether links may lead out of the folder. @default {false} */
  readonly outsideLinks?: boolean;
}

/**
 * Finds what a path that a peer gave leads to below a folder, links followed: never anything outside of it.
 * @throws {KratosError} 404 FILE_NOT_FOUND
 */
export async function findFile(
  root: string,
  segments: readonly string[],
  options: FindFileOptions = {},
): Promise<string> {
  const { dotfiles = false, outsideLinks = false } = options;
  for (const segment of segments) {
    if (!isName(segment) || (!dotfiles && segment.startsWith("."))) throw fileNotFound();
  }
  try {
    const file = path.join(path.resolve(root), ...segments);
    if (outsideLinks) return file;
    // Both are looked up each time: a deployment may swap the folder.
    const [realRoot, real] = await Promise.all([realpath(root), realpath(file)]);
    if (real !== realRoot && !real.startsWith(withSeparator(realRoot))) throw fileNotFound();
    return real;
  } catch (error) {
    throw isMissing(error) ? fileNotFound(error) : error;
  }
}

/** Whether it is one step of a path and no more; a colon is a drive or a stream where `\` parts names. */
function isName(segment: string): boolean {
  if (segment === "." || segment === "..") return false;
  return !/[/\\\0]/.test(segment) && !(path.sep === "\\" && segment.includes(":"));
}

function withSeparator(folder: string): string {
  return folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`;
}
