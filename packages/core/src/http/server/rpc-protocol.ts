import type { Exchange } from "../wire/exchange.ts";
import { firstLine } from "../wire/header-lines.ts";

/** Which of the RPC protocols a request says it is in; undefined for none of them. */
export type RpcProtocol = "connect" | "connect-stream" | "grpc-web" | undefined;

/** Tells the protocol by the Content-Type, and by the header that Connect's unary requests have. */
export function rpcProtocolOf({ rawHeaders }: Exchange): RpcProtocol {
  const contentType = firstLine(rawHeaders, "content-type");
  if (contentType !== undefined && contentType.length > shortest) {
    const type = contentType.toLowerCase();
    if (type.startsWith("application/grpc-web")) return "grpc-web";
    if (type.startsWith("application/connect+")) return "connect-stream";
  }
  return firstLine(rawHeaders, "connect-protocol-version") === undefined ? undefined : "connect";
}

// Most types are plain ones, and need not be looked at closely.
const shortest = "application/json".length;
