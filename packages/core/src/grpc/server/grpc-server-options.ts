import type { Server as NetServer } from "node:net";
import type { TlsOptions } from "node:tls";
import type { Engine, ServerSessionOptions } from "@kratosjs/h2";
import type { Codec } from "../../encoding/index.ts";
import type { Logger } from "../../log/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import type { Network } from "../../transport/index.ts";
import type { TlsFiles } from "../../transport/tls/index.ts";
import type { UnknownService } from "./unknown-service.ts";

/** What a GrpcServer can be told. */
export interface GrpcServerOptions {
  /** Where to listen: `host:port`, `:port` or `unix:/path`; port 0 is any free one. @default {":0"} */
  readonly address?: string;
  /**
   * What the address is of: "tcp" both families, "tcp4", "tcp6" which takes nothing else, or "unix", where the
   * address may be a path alone. @default "unix" for `unix:/path`, else "tcp"
   */
  readonly network?: Network;
  /** What to advertise instead of the address found out. @default the accepted address */
  readonly endpoint?: URL | string;
  /** A server that listens already or will, or the number of an open file, in place of `address`. @default none */
  readonly listener?: NetServer | number;
  /** Milliseconds for a unary call; the caller's deadline counts if it is earlier, streams have the caller's only; 0 is no limit. @default {1000} */
  readonly timeoutMs?: number;
  /**
   * Wraps every call but those of the built-in services, outermost first; a streaming side is an AsyncIterable of
   * messages. Kratos's interceptors are middleware here too: the last ones listed are the innermost. @default {[]}
   */
  readonly middleware?: readonly Middleware[];
  /**
   * Wraps the calls of streaming methods only, inside `middleware`. A layer wraps the stream as a whole: it runs
   * once for a call, its request or its reply an AsyncIterable, not once for each message as in Go. @default {[]}
   */
  readonly streamMiddleware?: readonly Middleware[];
  /** Serves TLS; `requestCert` and `ca` make it mutual. @default none: clear text */
  readonly tls?: TlsOptions;
  /**
   * Serves TLS with certificates from files, which are read again when they change; `tls` can say the rest.
   * New files that do not fit together are logged, and the old certificates stay. @default none
   */
  readonly tlsFiles?: TlsFiles;
  /** Whether grpc.health.v1.Health is served. @default {true} */
  readonly health?: boolean;
  /** Whether server reflection, v1 and v1alpha, is served. @default {true} */
  readonly reflection?: boolean;
  /**
   * Whether kratos.api.Metadata is served: the names and descriptors of all services, as reflection tells them too.
   * @default what `reflection` is
   */
  readonly apiMetadata?: boolean;
  /**
   * Whether grpc.channelz.v1.Channelz is served: all that this process serves and calls over gRPC, with the addresses
   * of its peers, to whoever reaches this port. @default {false}
   */
  readonly channelz?: boolean;
  /** Connections at a time; further ones are closed as they come, and counted. @default {Infinity} */
  readonly maxConnections?: number;
  /** What runs HTTP/2. @default the engine of `@kratosjs/h2` */
  readonly engine?: Engine;
  /** Limits and keepalive of each connection, passed to the engine. @default the engine's */
  readonly connection?: ServerSessionOptions;
  /** A longer message received, packed or unpacked, is refused with RESOURCE_EXHAUSTED. @default {4194304} */
  readonly maxReceiveMessageBytes?: number;
  /** A longer message is not sent but answered with RESOURCE_EXHAUSTED. @default {Infinity} */
  readonly maxSendMessageBytes?: number;
  /** How replies are packed for callers that read it; "mirror" is as their request came. @default {"mirror"} */
  readonly compression?: "gzip" | "deflate" | "identity" | "mirror";
  /** Smaller replies are not packed. @default {1024} */
  readonly compressMinBytes?: number;
  /** The codecs spoken; the first also stands for `application/grpc` alone. @default proto and json */
  readonly codecs?: readonly Codec[];
  /** Answers methods no registered service has, inside the middlewares of streams. @default none: UNIMPLEMENTED */
  readonly unknownService?: UnknownService;
  /** @default {defaultLogger()} */
  readonly logger?: Logger;
}
