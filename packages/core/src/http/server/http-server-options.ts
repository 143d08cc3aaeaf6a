import type { Server as NetServer } from "node:net";
import type { TlsOptions } from "node:tls";
import type { CodecRegistry } from "../../encoding/index.ts";
import type { Logger } from "../../log/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import type { ExchangeHandler, Filter } from "../wire/exchange.ts";
import type { ErrorEncoder, RequestDecoder, ResponseEncoder } from "./hooks.ts";

/** Settings of an HttpServer. Zero turns a time limit off. */
export interface HttpServerOptions {
  /** Where to listen: `host:port`, `:port` or `unix:/path`. @default {":0"} */
  readonly address?: string;
  /** The URL to register. @default the scheme, a reachable host and the port listened on */
  readonly endpoint?: string | URL;
  /** Milliseconds for a unary call; then the server answers 504 and ends the call's context. @default {1000} */
  readonly timeoutMs?: number;
  /** Around every operation, outermost first. @default {[]} */
  readonly middleware?: readonly Middleware[];
  /** Around the whole router, outermost first. @default {[]} */
  readonly filters?: readonly Filter[];
  /** Certificates and keys; serves https. @default none: http */
  readonly tls?: TlsOptions;
  /** A listener that is open already; `address` is not used then. @default none */
  readonly listener?: NetServer;
  /** Whether `/a/` is answered with a redirect to the route `/a`, and the other way round. @default {true} */
  readonly strictSlash?: boolean;
  /** Put before the path of every route. @default {""} */
  readonly pathPrefix?: string;
  /** Answers what no route fits. @default a 404 with the reason NOT_FOUND */
  readonly notFound?: ExchangeHandler;
  /** Answers a path whose routes have other methods. @default a 405 with the reason METHOD_NOT_ALLOWED */
  readonly methodNotAllowed?: ExchangeHandler;
  /** Decodes bodies in place of the codec of the Content-Type. @default none */
  readonly requestDecoder?: RequestDecoder;
  /** Encodes replies in place of the codec of the Accept. @default none */
  readonly responseEncoder?: ResponseEncoder;
  /** Answers errors in place of the Kratos error body. @default none */
  readonly errorEncoder?: ErrorEncoder;
  /** What bodies may be written in. @default json, protojson, proto, form and yaml */
  readonly codecs?: CodecRegistry;
  /** The largest body a request may have; a larger one is a 413. @default {4194304} */
  readonly maxBodyBytes?: number;
  /** Milliseconds until the head of a request must have come. @default {10000} */
  readonly headersTimeoutMs?: number;
  /** Milliseconds until a whole request must have come. @default {30000} */
  readonly requestTimeoutMs?: number;
  /** Milliseconds an idle connection is kept. @default {65000} */
  readonly keepAliveTimeoutMs?: number;
  /** The largest head a request may have; a larger one is a 431. @default {16384} */
  readonly maxHeaderBytes?: number;
  /** Milliseconds between comments on a stream of events that has nothing to say. @default {15000} */
  readonly heartbeatMs?: number;
  /** @default the logger of the process */
  readonly logger?: Logger;
}

/** What stands for options that are not given. */
export const defaults: Required<
  Pick<
    HttpServerOptions,
    | "address"
    | "timeoutMs"
    | "middleware"
    | "filters"
    | "strictSlash"
    | "pathPrefix"
    | "maxBodyBytes"
    | "headersTimeoutMs"
    | "requestTimeoutMs"
    | "keepAliveTimeoutMs"
    | "maxHeaderBytes"
    | "heartbeatMs"
  >
> = {
  address: ":0",
  timeoutMs: 1000,
  middleware: [],
  filters: [],
  strictSlash: true,
  pathPrefix: "",
  maxBodyBytes: 4 * 1024 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  maxHeaderBytes: 16 * 1024,
  heartbeatMs: 15_000,
};
