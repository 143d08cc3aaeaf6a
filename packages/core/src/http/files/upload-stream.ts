import type { Message } from "@bufbuild/protobuf";
import { formatQuery, type QueryPair } from "../../encoding/form/index.ts";
import type { RouteParts } from "../server/route.ts";
import type { Exchange } from "../wire/exchange.ts";
import { checkBody } from "../wire/read-body.ts";
import { parseParameterized } from "./header-params.ts";
import type { HttpBodyPlace } from "./http-body-place.ts";
import { readText } from "./multipart-form.ts";
import { isMultipart, readMultipart } from "./multipart-reader.ts";
import { filenameOf } from "./part-head.ts";
import { noteUpload, type UploadInfo } from "./upload-info.ts";
import type { UploadLimits } from "./upload-options.ts";

/** How the messages of an upload are made. */
export interface UploadStreamOptions {
  readonly place: HttpBodyPlace;
  readonly limits: UploadLimits;
  /** The largest piece, as any other body. */
  readonly maxBodyBytes: number;
  /** Completes a message that holds a piece by query and path. */
  readonly complete: (parts: RouteParts, message: Message) => Message;
}

const empty = new Uint8Array(0);
const noFields: ReadonlyMap<string, readonly string[]> = new Map();

/**
 * Reads a body as messages that hold a piece of it each, no faster than they are asked for. Of
 * multipart/form-data the files are the messages, one after the other; its texts fill fields as a query does,
 * those that come before a file. A file has at least one message, also when it is empty.
 */
export function uploadStream(
  exchange: Exchange,
  parts: RouteParts,
  options: UploadStreamOptions,
): AsyncIterable<Message> {
  checkBody(exchange.rawHeaders, Infinity); // a coding would be stored as if it were the file
  const contentType = exchange.requestHeader.get("content-type");
  const pieces = isMultipart(contentType)
    ? multipartPieces(exchange, contentType, options)
    : plainPieces(exchange, contentType, options);
  return toMessages(pieces, parts, options);
}

interface Piece {
  readonly data: Uint8Array;
  readonly info: UploadInfo;
  /** What the texts of a form add to the query. */
  readonly query: string;
}

async function* toMessages(
  pieces: AsyncIterable<Piece>,
  parts: RouteParts,
  { place, complete }: UploadStreamOptions,
): AsyncGenerator<Message, void, undefined> {
  for await (const { data, info, query } of pieces) {
    const held = place.wrap({ contentType: info.contentType, data });
    const message = complete(query === "" ? parts : withQuery(parts, query), held);
    const body = place.unwrap(message);
    if (body !== undefined) noteUpload(body, info);
    yield message;
  }
}

async function* plainPieces(
  exchange: Exchange,
  contentType: string,
  { limits, maxBodyBytes }: UploadStreamOptions,
): AsyncGenerator<Piece, void, undefined> {
  const disposition = exchange.requestHeader.get("content-disposition");
  const filename = filenameOf(parseParameterized(disposition).params);
  const info = { index: 0, name: "", filename, contentType, fields: noFields };
  const body = exchange.body(limits.maxUploadBytes);
  for await (const data of atLeastOne(cut(body, maxBodyBytes))) yield { data, info, query: "" };
}

async function* multipartPieces(
  exchange: Exchange,
  contentType: string,
  { limits, maxBodyBytes }: UploadStreamOptions,
): AsyncGenerator<Piece, void, undefined> {
  const body = exchange.body(limits.maxUploadBytes);
  const pairs: QueryPair[] = [];
  let index = 0;
  for await (const part of readMultipart(body, { contentType, limits: limits.multipart })) {
    if (!part.isFile) {
      pairs.push([part.name, await readText(part, limits.multipart.maxFieldBytes)]);
      continue;
    }
    const { name, filename, contentType: type } = part;
    const info = { index, name, filename, contentType: type, fields: grouped(pairs) };
    const query = formatQuery(pairs);
    const pieces = cut(part.data, maxBodyBytes);
    // A form sends an empty file without a name where none was chosen.
    for await (const data of filename === "" ? pieces : atLeastOne(pieces)) {
      index = info.index + 1;
      yield { data, info, query };
    }
  }
}

function grouped(pairs: readonly QueryPair[]): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const known = fields.get(name);
    if (known === undefined) fields.set(name, [value]);
    else known.push(value);
  }
  return fields;
}

function withQuery(parts: RouteParts, query: string): RouteParts {
  return { ...parts, query: parts.query === "" ? query : `${parts.query}&${query}` };
}

/** Cuts what is larger than a message may be. */
async function* cut(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    if (chunk.length <= maxBytes) yield chunk;
    else
      for (let at = 0; at < chunk.length; at += maxBytes) yield chunk.subarray(at, at + maxBytes);
  }
}

async function* atLeastOne(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let any = false;
  for await (const chunk of chunks) {
    any = true;
    yield chunk;
  }
  if (!any) yield empty;
}
