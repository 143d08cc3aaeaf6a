import type { Server as NetServer } from "node:net";
import type { TlsOptions } from "node:tls";
import type { Engine, ServerSessionOptions } from "@kratosjs/h2";
import type { CodecRegistry } from "../../encoding/index.ts";
import type { GrpcHandlerOptions } from "../../grpc/index.ts";
import type { Logger } from "../../log/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import type { Network } from "../../transport/index.ts";
import type { TlsFiles } from "../../transport/tls/index.ts";
import type { WebSocketOptions } from "../websocket/web-socket-options.ts";
import type { UploadOptions } from "../files/upload-options.ts";
import type { DiagnosticsOptions } from "../diagnostics/diagnostics-options.ts";
import type { TrustedProxiesOptions } from "../proxies/trusted-proxies.ts";
import type { ExchangeHandler, Filter } from "../wire/exchange.ts";
import type { ErrorEncoder, RequestDecoder, ResponseEncoder, ValuesDecoder } from "./hooks.ts";
import type { JsonOptions } from "./json-rules.ts";

/** Settings of an HttpServer. Zero turns a time limit off. */
export interface HttpServerOptions extends UploadOptions {
  /** Where to listen: `host:port`, `:port` or `unix:/path`. @default {":0"} */
  readonly address?: string;
  /**
   * What the address is of: "tcp" both families, "tcp4", "tcp6" which takes nothing else, or "unix", where the
   * address may be a path alone. @default "unix" for `unix:/path`, else "tcp"
   */
  readonly network?: Network;
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
  /**
   * Serves https with certificates from files, which are read again when they change; `tls` can say the rest.
   * New files that do not fit together are logged, and the old certificates stay. @default none
   */
  readonly tlsFiles?: TlsFiles;
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
  /** Reads path variables into messages in place of the form codec. @default none */
  readonly requestVarsDecoder?: ValuesDecoder;
  /** Reads queries into messages in place of the form codec; it sees all of the query. @default none */
  readonly requestQueryDecoder?: ValuesDecoder;
  /** Encodes replies in place of the codec of the Accept. @default none */
  readonly responseEncoder?: ResponseEncoder;
  /** Answers errors in place of the Kratos error body. @default none */
  readonly errorEncoder?: ErrorEncoder;
  /** What bodies may be written in. @default json, protojson, proto, form, xml and yaml */
  readonly codecs?: CodecRegistry;
  /** How JSON is read and written, in place of the codecs for it; `HttpServer.json` says it for some operations. @default as the codecs are */
  readonly json?: JsonOptions;
  /** The largest body a request may have; a larger one is a 413. @default {4194304} */
  readonly maxBodyBytes?: number;
  /** Milliseconds until the head of a request must have come. @default {10000} */
  readonly headersTimeoutMs?: number;
  /** Milliseconds until a whole request must have come, unless its body is read in pieces. @default {30000} */
  readonly requestTimeoutMs?: number;
  /**
   * Milliseconds a peer may send nothing of a body that is read in pieces, as uploads are; then it is a 408. A
   * stream of messages has no such limit. @default {30000}
   */
  readonly bodyIdleTimeoutMs?: number;
  /**
   * Milliseconds a server that stops goes on taking connections and requests, each answer of HTTP/1.1 the last of
   * its connection, so that clients go elsewhere before they are refused. It counts into the time an App gives its
   * servers to stop. @default {0}
   */
  readonly drainDelayMs?: number;
  /** Milliseconds an idle connection is kept. @default {65000} */
  readonly keepAliveTimeoutMs?: number;
  /** The largest head a request may have; a larger one is a 431. @default {16384} */
  readonly maxHeaderBytes?: number;
  /** Connections open at a time, of every kind; one more is closed at once. @default {10000} */
  readonly maxConnections?: number;
  /** Whether HTTP/2 is served on the same port: told by its first bytes, over TLS agreed by ALPN. @default {true} */
  readonly http2?: boolean;
  /**
   * Whether the services registered are served as gRPC too, on the same port and with the same middleware, and with
   * them health, reflection and kratos.api.Metadata; options change how. It needs `http2`. @default {false}
   */
  readonly grpc?: boolean | Omit<GrpcHandlerOptions, "middleware">;
  /** What runs HTTP/2. @default the engine of `@kratosjs/h2` */
  readonly engine?: Engine;
  /** Limits and times of each HTTP/2 connection. @default the engine's, with those above that apply */
  readonly connection?: ServerSessionOptions;
  /** Milliseconds between comments on a stream of events that has nothing to say. @default {15000} */
  readonly heartbeatMs?: number;
  /** Milliseconds a peer of HTTP/1.1 may take nothing of an answer that waits to be sent; then it is cut. @default {30000} */
  readonly writeTimeoutMs?: number;
  /** How methods that stream requests are served at the paths of their rules. @default as WebSockets of this origin */
  readonly webSocket?: WebSocketOptions;
  /**
   * Proxies whose word on a client's address, scheme and host is taken, as addresses, networks and names such as
   * "loopback" and "private"; as a list they are believed in the X-Forwarded headers. What filters and handlers see
   * as `remoteAddress`, `secure` and `host` is the client's then. @default none
   */
  readonly trustedProxies?: readonly string[] | TrustedProxiesOptions;
  /**
   * Whether the server has pages on itself for this machine's own processes: `/debug/vars` (memory, event loop,
   * connections), `/debug/routes`, `/debug/pprof/profile?seconds=30` (a CPU profile) and `/debug/pprof/heap` (a heap
   * snapshot, for which the process stands still). @default {false}
   */
  readonly diagnostics?: boolean | DiagnosticsOptions;
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
    | "maxConnections"
    | "http2"
    | "grpc"
    | "heartbeatMs"
    | "writeTimeoutMs"
    | "bodyIdleTimeoutMs"
    | "drainDelayMs"
    | "diagnostics"
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
  maxConnections: 10_000,
  http2: true,
  grpc: false,
  heartbeatMs: 15_000,
  writeTimeoutMs: 30_000,
  bodyIdleTimeoutMs: 30_000,
  drainDelayMs: 0,
  diagnostics: false,
};
