import { encodeUtf8 } from "../../encoding/index.ts";
import { frameWith } from "../../encoding/framing/index.ts";
import { toGrpcStatus } from "../../errors/index.ts";
import type { CallEnd } from "../enveloped/envelope-wire.ts";
import type { Exchange } from "../wire/exchange.ts";
import { connectHttpStatus } from "./connect-code.ts";
import { connectErrorOf, toConnectError } from "./connect-error.ts";
import { toMetadata } from "./metadata-json.ts";

/** The flag of the envelope that ends a stream. */
const endFlag = 2;

/** Answers a unary call with an error. */
export function replyConnectError(
  exchange: Exchange,
  error: unknown,
  { headers }: { readonly headers: readonly string[] },
): void {
  const status = toGrpcStatus(error);
  exchange.reply({
    status: connectHttpStatus(status.code),
    headers: ["Content-Type", "application/json", ...headers],
    body: encodeUtf8(JSON.stringify(connectErrorOf(status))),
  });
}

/** Makes the envelope that ends a stream. */
export function connectStreamEnd({ error, trailers }: CallEnd): Uint8Array {
  const end = {
    ...(error !== undefined && { error: toConnectError(error) }),
    ...(trailers.length > 0 && { metadata: toMetadata(trailers) }),
  };
  return frameWith(endFlag, encodeUtf8(JSON.stringify(end)));
}
