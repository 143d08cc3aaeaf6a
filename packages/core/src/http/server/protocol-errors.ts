import { connectStreamEnd, replyConnectError } from "../connect/connect-reply.ts";
import { grpcWebEnd } from "../grpc-web/grpc-web-end.ts";
import { firstLine } from "../wire/header-lines.ts";
import type { ErrorEncoder } from "./hooks.ts";
import { rpcProtocolOf } from "./rpc-protocol.ts";

/**
 * Gives the errors of filters to the peers of Connect and gRPC-Web in the form of their protocol; all
 * others get what `plain` makes of them.
 */
export function protocolErrors(plain: ErrorEncoder): ErrorEncoder {
  return (error, exchange) => {
    const protocol = rpcProtocolOf(exchange);
    if (protocol === undefined) return plain(error, exchange);
    if (protocol === "connect") return replyConnectError(exchange, error, { headers: [] });
    const contentType = firstLine(exchange.rawHeaders, "content-type") ?? "";
    const headers = ["Content-Type", contentType];
    const end = { error, trailers: [] };
    if (protocol === "grpc-web") {
      exchange.reply({ status: 200, headers: [...headers, ...grpcWebEnd(end)] });
    } else {
      exchange.reply({ status: 200, headers, body: connectStreamEnd(end) });
    }
  };
}
