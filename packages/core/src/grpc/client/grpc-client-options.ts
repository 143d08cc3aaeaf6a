import type { ConnectionOptions } from "node:tls";
import type { Engine, SessionOptions } from "@kratosjs/h2";
import type { Codec } from "../../encoding/index.ts";
import type { Logger } from "../../log/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import type { Discovery } from "../../registry/index.ts";
import type { NodeFilter, SelectorBuilder } from "../../selector/index.ts";
import type { Dialer } from "./dialer.ts";

/** What a GrpcClient can be told. */
export interface GrpcClientOptions {
  /** Whom to call: `discovery:///name`, `direct:///a:1,b:2`, `host:port`, `grpc://host:port`, `grpcs://host:port` or `unix:/path`. */
  readonly endpoint: string;
  /** Where `discovery:` endpoints are looked up; they need it. @default none */
  readonly discovery?: Discovery;
  /** Milliseconds for unary calls that say nothing themselves; 0 is no limit. @default {2000} */
  readonly timeoutMs?: number;
  /** Wraps every call, outermost first. Kratos's interceptors are middleware here too: the last ones listed are the innermost. @default {[]} */
  readonly middleware?: readonly Middleware[];
  /**
   * Wraps the calls of streaming methods only, inside `middleware`. A layer wraps the stream as a whole: it runs
   * once for a call, its request or its reply an AsyncIterable, not once for each message as in Go. @default {[]}
   */
  readonly streamMiddleware?: readonly Middleware[];
  /** Calls over TLS. Without `servername` a discovered node must prove its service's name. @default none, except for `grpcs:` */
  readonly tls?: ConnectionOptions;
  /** Opens the connections, below TLS if there is any. @default a socket of this machine */
  readonly dialer?: Dialer;
  /**
   * An HTTP proxy to go through by CONNECT, TLS within: `http://user:password@host:port`. The environment is not
   * asked for one. @default none
   */
  readonly proxy?: string | URL;
  /** How many instances of a discovered service this client uses at most; 0 is all. @default {25} */
  readonly subsetSize?: number;
  /** Filters on the nodes of every call, before the call's own. @default {[]} */
  readonly nodeFilters?: readonly NodeFilter[];
  /** Chooses the node of each call. @default {wrrSelector} */
  readonly selector?: SelectorBuilder;
  /** A longer message received, packed or unpacked, ends the call with RESOURCE_EXHAUSTED. @default {4194304} */
  readonly maxReceiveMessageBytes?: number;
  /** A longer message is not sent: the call ends with RESOURCE_EXHAUSTED. @default {Infinity} */
  readonly maxSendMessageBytes?: number;
  /** How requests are packed. @default {"identity"} */
  readonly compression?: "gzip" | "deflate" | "identity";
  /** Smaller requests are not packed. @default {1024} */
  readonly compressMinBytes?: number;
  /** How messages look on the wire. @default {protoCodec()} */
  readonly codec?: Codec;
  /** Milliseconds for a connection to come about, TLS and HTTP/2 included. @default {20000} */
  readonly connectTimeoutMs?: number;
  /** Connections to one address at most; a further one is made when the peer's limit of streams is reached. @default {4} */
  readonly maxConnections?: number;
  /** Whether nodes that say NOT_SERVING by grpc.health.v1 are passed over. @default {true} */
  readonly healthCheck?: boolean;
  /** Windows and keepalive of each connection, passed to the engine. @default the engine's */
  readonly connection?: SessionOptions;
  /** What runs HTTP/2. @default the engine of `@kratosjs/h2` */
  readonly engine?: Engine;
  /** Whether each update of the nodes a discovery found is logged at debug level. @default {true} */
  readonly printDiscoveryDebugLog?: boolean;
  /** @default {defaultLogger()} */
  readonly logger?: Logger;
}
