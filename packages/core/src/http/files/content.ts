import type { ByteRange } from "./byte-range.ts";

/** Something to download: its size is known, and any part of it can be read. */
export interface Content {
  /** @default "application/octet-stream" */
  readonly contentType?: string | undefined;
  readonly sizeBytes: number;
  /** What tells this state from others, with its quotes: `"v7"` or `W/"v7"`. @default none */
  readonly etag?: string | undefined;
  /** @default none */
  readonly lastModified?: Date | undefined;
  /** Sent as the Content-Disposition; see `contentDisposition`. @default none */
  readonly disposition?: string | undefined;
  /** Sent as the Cache-Control. @default none */
  readonly cacheControl?: string | undefined;
  /** Reads a part. Leaving the loop has to free what was opened for it. */
  read(range: ByteRange): AsyncIterable<Uint8Array>;
}
