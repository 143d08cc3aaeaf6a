import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type { CodecRegistry } from "../../encoding/index.ts";
import { KratosError } from "../../errors/index.ts";
import { ConnectGetRoute } from "../connect/connect-get.ts";
import { ConnectStreamRoute } from "../connect/connect-stream.ts";
import { ConnectUnaryRoute } from "../connect/connect-unary.ts";
import type { EnvelopedMethod } from "../enveloped/enveloped-call.ts";
import { GrpcWebRoute } from "../grpc-web/grpc-web-route.ts";
import type { Exchange } from "../wire/exchange.ts";
import { firstLine } from "../wire/header-lines.ts";
import type { BoundOperation } from "./bound-operation.ts";
import type { Edge } from "./edge.ts";
import type { RouteParts, ServerRoute } from "./route.ts";
import { rpcFormats } from "./rpc-format.ts";
import { rpcProtocolOf } from "./rpc-protocol.ts";

/** Smaller replies are not worth the work of packing them. */
const compressMinBytes = 1024;

/** The routes of a method at its RPC path. */
export interface RpcRoutes {
  readonly post: ServerRoute;
  /** Undefined for methods a GET may not call. */
  readonly get: ServerRoute | undefined;
}

/**
 * Makes the routes of a method at its RPC path: Connect, gRPC-Web, and what is neither to `plain`,
 * which methods without a plain form do not have.
 */
export function rpcRoutes(
  bound: BoundOperation,
  path: string,
  { edge, plain }: { readonly edge: Edge; readonly plain: ServerRoute | undefined },
): RpcRoutes {
  const { name, method } = bound.operation;
  const formats = rpcFormats(method, edge);
  const shared: EnvelopedMethod = {
    bound,
    maxMessageBytes: edge.maxBodyBytes,
    compressMinBytes,
    plan: {
      operation: name,
      method,
      pathTemplate: path,
      timeoutMs: edge.timeoutMs,
      endpoint: edge.endpoint,
      answerError: edge.answerError,
      trailers: true,
    },
  };
  const connectUnary = new ConnectUnaryRoute(shared, formats);
  const post = new RpcRoute({
    plain: plain === undefined ? new NoPlainRoute(edge) : new TypedRoute(plain, method, edge),
    connectUnary,
    connectStream: new ConnectStreamRoute(shared, formats),
    grpcWeb: new GrpcWebRoute(shared, formats),
  });
  const options = { formats, maxMessageBytes: shared.maxMessageBytes };
  const get = isReadOnly(method) ? new ConnectGetRoute(connectUnary, options) : undefined;
  return { post, get };
}

interface Protocols {
  readonly plain: ServerRoute;
  readonly connectUnary: ServerRoute;
  readonly connectStream: ServerRoute;
  readonly grpcWeb: ServerRoute;
}

/** `POST /package.Service/Method`: the protocol is told by the Content-Type, or by what Connect sends with it. */
class RpcRoute implements ServerRoute {
  readonly #protocols: Protocols;

  constructor(protocols: Protocols) {
    this.#protocols = protocols;
  }

  serve(exchange: Exchange, parts: RouteParts): Promise<void> | void {
    return this.#choose(exchange, parts.query).serve(exchange, parts);
  }

  #choose(exchange: Exchange, query: string): ServerRoute {
    const { plain, connectUnary, connectStream, grpcWeb } = this.#protocols;
    const protocol = rpcProtocolOf(exchange);
    if (protocol === undefined) return saysConnect(query) ? connectUnary : plain;
    if (protocol === "grpc-web") return grpcWeb;
    return protocol === "connect" ? connectUnary : connectStream;
  }
}

function saysConnect(query: string): boolean {
  return query !== "" && new URLSearchParams(query).get("connect") === "v1";
}

function isReadOnly({ methodKind, idempotency }: DescMethod): boolean {
  return methodKind === "unary" && idempotency === Idempotency.NO_SIDE_EFFECTS;
}

/** The plain form, whose bodies have to be in a codec of the server. */
class TypedRoute implements ServerRoute {
  readonly #plain: ServerRoute;
  readonly #codecs: CodecRegistry;
  readonly #any: boolean;

  constructor(plain: ServerRoute, { input }: DescMethod, { codecs, requestDecoder }: Edge) {
    this.#plain = plain;
    this.#codecs = codecs;
    this.#any = requestDecoder !== undefined || input.typeName === "google.api.HttpBody";
  }

  serve(exchange: Exchange, parts: RouteParts): Promise<void> | void {
    const contentType = firstLine(exchange.rawHeaders, "content-type");
    if (contentType === undefined || this.#any || this.#reads(contentType)) {
      return this.#plain.serve(exchange, parts);
    }
    const types = this.#codecs.names.map((name) => `application/${name}`).join(", ");
    exchange.reply({ status: 415, headers: ["Accept-Post", types] });
  }

  #reads(contentType: string): boolean {
    if (contentType.startsWith("multipart/")) return true;
    return this.#codecs.forContentType(contentType) !== undefined;
  }
}

/** Streams of requests have no form without envelopes. */
class NoPlainRoute implements ServerRoute {
  readonly #edge: Edge;

  constructor(edge: Edge) {
    this.#edge = edge;
  }

  serve(exchange: Exchange): void {
    exchange.replyHeader.set("Accept-Post", "application/connect+proto, application/grpc-web");
    const error = new KratosError("a stream of requests needs Connect, gRPC-Web or gRPC", {
      code: 415,
      reason: "CODEC",
    });
    this.#edge.answerError(error, exchange);
  }
}
