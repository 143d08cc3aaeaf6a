import type { Context } from "../../context/index.ts";
import { callOptions } from "../../rpc/index.ts";
import { clientTransport, type HeaderMap, readMetadata } from "../../transport/index.ts";

/** Hands the headers of an answer to the middlewares and to the caller. */
export function noteHeader(ctx: Context, header: HeaderMap): void {
  const reply = clientTransport(ctx)?.replyHeader;
  for (const [name, values] of header.entries()) {
    for (const value of values) reply?.add(name, value);
  }
  callOptions(ctx).onHeader?.(header);
}

/** Hands what came after an answer to the caller. */
export function noteTrailer(ctx: Context, trailer: HeaderMap): void {
  callOptions(ctx).onTrailer?.(trailer);
}

/** The headers that are metadata of the call. */
export function metadataOf(header: HeaderMap): HeaderMap {
  return readMetadata(fieldsOf(header));
}

/** Names and values by turns. */
export function fieldsOf(header: HeaderMap): string[] {
  const fields: string[] = [];
  for (const [name, values] of header.entries()) {
    for (const value of values) fields.push(name, value);
  }
  return fields;
}
