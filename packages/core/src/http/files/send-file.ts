import type { Exchange } from "../wire/exchange.ts";
import { type FileOptions, openFile } from "./file-content.ts";
import { findFile } from "./find-file.ts";
import { sendContent, type SendContentOptions } from "./send-content.ts";

/** How a file is found and sent. */
export interface FileReplyOptions extends FileOptions {
  /**
   * The folder the file has to be in, links followed; the path is then taken below it and may come from a peer.
   * @default none: the path is trusted
   */
  readonly root?: string;
}

/** How a file is sent, and whether it still may be. */
export interface SendFileOptions extends FileReplyOptions, SendContentOptions {}

/**
 * Answers with a file: conditions, ranges and HEAD are understood. The file is closed when the answer is
 * sent or its peer has left.
 * @throws {KratosError} 404 FILE_NOT_FOUND, 412 PRECONDITION_FAILED, 416 RANGE_NOT_SATISFIABLE
 */
export async function sendFile(
  exchange: Exchange,
  file: string,
  options: SendFileOptions = {},
): Promise<void> {
  const { root } = options;
  const found = root === undefined ? file : await findFile(root, file.split(/[/\\]/));
  const content = await openFile(found, options);
  try {
    await sendContent(exchange, content, options);
  } finally {
    await content.close();
  }
}
