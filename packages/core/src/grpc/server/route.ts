import { type EncodedHeaders, encodeHeaders } from "@kratosjs/h2";
import type { Codec } from "../../encoding/index.ts";
import type { Handler, MiddlewareTable } from "../../middleware/index.ts";
import { composeOperation, type Operation } from "../../rpc/index.ts";
import { type MessageFormat, messageFormat } from "../wire/message-format.ts";

/** A method as the server serves it: everything that can be made before a call comes. */
export interface Route {
  readonly operation: Operation;
  /** The implementation inside its middlewares. */
  readonly handler: Handler;
  /** By the subtype of the content type, "" for none. */
  readonly formats: ReadonlyMap<string, RouteFormat>;
  /** A stream that would stand for ever and must not hold a graceful stop: health watches, reflection. */
  readonly standing: boolean;
}

/** A method in one codec. */
export interface RouteFormat extends MessageFormat {
  readonly contentType: string;
  /** The header block of an answer that carries no metadata. */
  readonly replyHeaders: EncodedHeaders;
}

export interface RouteParts {
  readonly table: MiddlewareTable;
  readonly codecs: readonly Codec[];
  readonly standing: boolean;
}

/** Composes the route of an operation. */
export function createRoute(operation: Operation, parts: RouteParts): Route {
  const { input, output } = operation.method;
  const formats = new Map<string, RouteFormat>();
  for (const [index, codec] of parts.codecs.entries()) {
    const messages = messageFormat(codec, input, output);
    const subtypes = index === 0 ? ["", codec.name] : [codec.name];
    for (const subtype of subtypes) formats.set(subtype, inContentType(messages, subtype));
  }
  return {
    operation,
    handler: composeOperation(operation, parts.table),
    formats,
    standing: parts.standing,
  };
}

function inContentType(messages: MessageFormat, subtype: string): RouteFormat {
  const contentType = subtype === "" ? "application/grpc" : `application/grpc+${subtype}`;
  const replyHeaders = encodeHeaders([":status", "200", "content-type", contentType]);
  return { ...messages, contentType, replyHeaders };
}
