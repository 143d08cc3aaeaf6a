import type { DescMethod } from "@bufbuild/protobuf";
import { type EncodedHeaders, encodeHeaders } from "@kratosjs/h2";
import type { Codec } from "../../encoding/index.ts";
import type { Handler, MiddlewareTable } from "../../middleware/index.ts";
import { composeOperation, type Operation } from "../../rpc/index.ts";
import { type MessageFormat, messageFormat } from "../wire/message-format.ts";

/** A method as the server serves it: everything that can be made before a call comes. */
export interface Route {
  /** "/package.Service/Method" */
  readonly operation: string;
  /** Undefined of a method no service has. */
  readonly method: DescMethod | undefined;
  readonly kind: DescMethod["methodKind"];
  /** The implementation inside its middlewares. */
  readonly handler: Handler;
  /** The format of a subtype of the content type, "" for none; undefined if the method has none of it. */
  readonly formatOf: (subtype: string) => RouteFormat | undefined;
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
  const { name, method } = operation;
  const { input, output, methodKind } = method;
  const formats = new Map<string, RouteFormat>();
  for (const [index, codec] of parts.codecs.entries()) {
    const messages = messageFormat(codec, input, output);
    const subtypes = index === 0 ? ["", codec.name] : [codec.name];
    for (const subtype of subtypes) formats.set(subtype, inContentType(messages, subtype));
  }
  return {
    operation: name,
    method,
    kind: methodKind,
    handler: composeOperation(operation, parts.table),
    formatOf: (subtype) => formats.get(subtype),
    standing: parts.standing,
  };
}

/** A format in the content type of a subtype. */
export function inContentType(messages: MessageFormat, subtype: string): RouteFormat {
  const contentType = subtype === "" ? "application/grpc" : `application/grpc+${subtype}`;
  const replyHeaders = encodeHeaders([":status", "200", "content-type", contentType]);
  return { ...messages, contentType, replyHeaders };
}
