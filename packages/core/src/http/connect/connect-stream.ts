import { EnvelopedCall, type EnvelopedMethod } from "../enveloped/enveloped-call.ts";
import type { EnvelopeWire } from "../enveloped/envelope-wire.ts";
import type { RouteParts, ServerRoute } from "../server/route.ts";
import {
  acceptedRpcEncodings,
  replyCompression,
  requestCompression,
} from "../server/rpc-compression.ts";
import type { RpcFormat, RpcFormats } from "../server/rpc-format.ts";
import type { Exchange } from "../wire/exchange.ts";
import { allLines, firstLine } from "../wire/header-lines.ts";
import { connectStreamEnd } from "./connect-reply.ts";
import { checkConnectVersion, parseConnectTimeout, refuseType } from "./connect-request.ts";

/** A streaming method over Connect: `application/connect+proto` and `application/connect+json`. */
export class ConnectStreamRoute implements ServerRoute {
  readonly #method: EnvelopedMethod;
  readonly #formats: RpcFormats;

  constructor(method: EnvelopedMethod, formats: RpcFormats) {
    this.#method = method;
    this.#formats = formats;
  }

  serve(exchange: Exchange, parts: RouteParts): Promise<void> | void {
    const contentType = firstLine(exchange.rawHeaders, "content-type") ?? "";
    const codec = /^application\/connect\+([a-z]+)\s*(?:;|$)/i.exec(contentType)?.[1];
    const format = this.#formats.get(codec?.toLowerCase() ?? "");
    const { methodKind } = this.#method.bound.operation.method;
    if (format === undefined || methodKind === "unary") {
      return refuseType(exchange, methodKind, this.#formats);
    }
    let wire: EnvelopeWire;
    try {
      wire = wireOf(exchange, format);
    } catch (error) {
      return exchange.reply({
        status: 200,
        headers: headersOf(format),
        body: connectStreamEnd({ error, trailers: [] }),
      });
    }
    return new EnvelopedCall(exchange, parts, { method: this.#method, wire }).serve();
  }
}

function headersOf({ name }: RpcFormat): string[] {
  return [
    "Content-Type",
    `application/connect+${name}`,
    "Connect-Accept-Encoding",
    acceptedRpcEncodings,
  ];
}

/** @throws {KratosError} INVALID_ARGUMENT or UNIMPLEMENTED if the headers ask for what there is not. */
function wireOf({ rawHeaders }: Exchange, format: RpcFormat): EnvelopeWire {
  checkConnectVersion(firstLine(rawHeaders, "connect-protocol-version"));
  const replies = replyCompression(allLines(rawHeaders, "connect-accept-encoding"));
  const headers = headersOf(format);
  if (replies !== undefined) headers.push("Connect-Content-Encoding", replies.name);
  return {
    format,
    timeoutMs: parseConnectTimeout(firstLine(rawHeaders, "connect-timeout-ms")),
    requestCompression: requestCompression(firstLine(rawHeaders, "connect-content-encoding")),
    replyCompression: replies,
    headers,
    unwrap: (body) => body,
    wrap: (envelopes) => envelopes,
    closing: connectStreamEnd,
  };
}
