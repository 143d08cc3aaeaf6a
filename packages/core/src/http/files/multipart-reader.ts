/**
 * Reads bodies of the type multipart/form-data part by part, no faster than the parts are read: of a file
 * only the piece at hand is in memory. The delimiters are found by Dicer of `@fastify/busboy`; what a part is,
 * and what a body may hold, is decided here.
 */
import { parseParameterized } from "./header-params.ts";
import { malformed, overLimit } from "./multipart-error.ts";
import { type MultipartLimits, multipartLimits } from "./multipart-limits.ts";
import { PartFeed } from "./part-feed.ts";
import { type PartHead, parsePartHead } from "./part-head.ts";

/** A part of a body of the type multipart/form-data. */
export interface MultipartPart extends PartHead {
  /** What it holds, as it comes. What is not read is skipped when the next part is asked for. */
  readonly data: AsyncIterable<Uint8Array>;
}

/** How a body is read. */
export interface ReadMultipartOptions {
  /** The Content-Type of the body, with its boundary. */
  readonly contentType: string;
  /** @default {{}} */
  readonly limits?: MultipartLimits;
}

/** Whether a body has parts. */
export function isMultipart(contentType: string): boolean {
  return parseParameterized(contentType).value === "multipart/form-data";
}

/**
 * Reads the parts in the order they come. Leaving the loop ends the body too.
 * @throws {KratosError} 400 MULTIPART, 413 MULTIPART_LIMIT, and what the body throws
 */
export async function* readMultipart(
  body: AsyncIterable<Uint8Array>,
  options: ReadMultipartOptions,
): AsyncGenerator<MultipartPart, void, undefined> {
  const { contentType } = options;
  const limits = multipartLimits(options.limits);
  const feed = new PartFeed(boundaryOf(contentType), limits);
  void feed.take(body); // never rejects
  const counter = new PartCounter(limits);
  try {
    for (let part = await feed.next(); part !== undefined; part = await feed.next()) {
      const head = parsePartHead(part.header, limits);
      counter.count(head);
      yield { ...head, data: feed.read(part.stream) };
      part.stream.resume(); // what nobody has read
    }
  } finally {
    feed.close();
  }
}

function boundaryOf(contentType: string): string {
  const boundary = parseParameterized(contentType).params.get("boundary") ?? "";
  if (boundary === "") throw malformed(`its Content-Type has no boundary: ${contentType}`);
  // RFC 2046 allows 70; a longer one only makes the search slow.
  if (boundary.length > 70)
    throw malformed(`its boundary has ${boundary.length} of at most 70 characters`);
  return boundary;
}

/** Counts parts against the limits. */
class PartCounter {
  readonly #limits: Required<MultipartLimits>;
  #files = 0;
  #fields = 0;

  constructor(limits: Required<MultipartLimits>) {
    this.#limits = limits;
  }

  count({ name, isFile }: PartHead): void {
    if (isFile) this.#files += 1;
    else this.#fields += 1;
    const { maxParts, maxFiles, maxFields } = this.#limits;
    if (this.#files + this.#fields > maxParts)
      throw overLimit(`part "${name}" is more than ${maxParts} parts`);
    if (this.#files > maxFiles) throw overLimit(`file "${name}" is more than ${maxFiles} files`);
    if (this.#fields > maxFields)
      throw overLimit(`field "${name}" is more than ${maxFields} fields`);
  }
}
