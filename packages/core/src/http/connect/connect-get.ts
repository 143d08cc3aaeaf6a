import { base64Decode } from "@bufbuild/protobuf/wire";
import { encodeUtf8 } from "../../encoding/index.ts";
import { grpcFailure } from "../../errors/index.ts";
import type { RouteParts, ServerRoute } from "../server/route.ts";
import { requestCompression } from "../server/rpc-compression.ts";
import type { RpcFormats } from "../server/rpc-format.ts";
import type { Exchange } from "../wire/exchange.ts";
import { firstLine } from "../wire/header-lines.ts";
import { parseConnectTimeout } from "./connect-request.ts";
import type { ConnectRequest, ConnectUnaryRoute } from "./connect-unary.ts";

/** What of a method a GET needs. */
export interface ConnectGetOptions {
  readonly formats: RpcFormats;
  readonly maxMessageBytes: number;
}

/** A unary method without side effects over Connect's GET: the message is in the query. */
export class ConnectGetRoute implements ServerRoute {
  readonly #unary: ConnectUnaryRoute;
  readonly #options: ConnectGetOptions;

  constructor(unary: ConnectUnaryRoute, options: ConnectGetOptions) {
    this.#unary = unary;
    this.#options = options;
  }

  serve(exchange: Exchange, parts: RouteParts): Promise<void> | void {
    const query = new URLSearchParams(parts.query);
    const encoding = query.get("encoding");
    // Asked for what is not spoken here, as by a content type.
    if (encoding !== null && !this.#options.formats.has(encoding)) {
      return exchange.reply({ status: 415 });
    }
    return this.#unary.answer(exchange, parts, () => parseQuery(exchange, query, this.#options));
  }
}

/** @throws {KratosError} INVALID_ARGUMENT, UNIMPLEMENTED or RESOURCE_EXHAUSTED */
function parseQuery(
  { rawHeaders }: Exchange,
  query: URLSearchParams,
  { formats, maxMessageBytes }: ConnectGetOptions,
): ConnectRequest {
  const version = query.get("connect");
  if (version !== null && version !== "v1") throw malformed('"connect" must be "v1"');
  const format = formats.get(query.get("encoding") ?? "");
  if (format === undefined) throw malformed('"encoding" is missing');
  const text = query.get("message");
  if (text === null) throw malformed('"message" is missing');
  const bytes = query.get("base64") === "1" ? fromBase64(text) : encodeUtf8(text);
  if (bytes.length > maxMessageBytes) {
    throw grpcFailure(
      "RESOURCE_EXHAUSTED",
      `received message larger than max (${maxMessageBytes})`,
    );
  }
  return {
    format,
    timeoutMs: parseConnectTimeout(firstLine(rawHeaders, "connect-timeout-ms")),
    compression: requestCompression(query.get("compression") ?? undefined),
    read: () => bytes,
  };
}

function fromBase64(text: string): Uint8Array {
  try {
    return base64Decode(text); // of either alphabet, padded or not
  } catch (cause) {
    throw grpcFailure("INVALID_ARGUMENT", '"message" is no base64', { cause });
  }
}

function malformed(rule: string): Error {
  return grpcFailure("INVALID_ARGUMENT", `the query of a GET is not acceptable: ${rule}`);
}
