import type { SessionCounters } from "@kratosjs/h2";
import type { ServerDescription } from "../../grpc/index.ts";
import type { TlsDescription } from "../../transport/tls/index.ts";

/** A connection that is open. Addresses are undefined on unix sockets. */
export interface HttpConnectionDescription {
  /** Unique within the server. */
  readonly id: number;
  /** Undefined as long as the peer has not said. */
  readonly protocol: "http/1.1" | "h2" | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  /** Undefined over clear text. */
  readonly tls: TlsDescription | undefined;
  /** Epoch milliseconds. */
  readonly openedAt: number;
  readonly ageMs: number;
  /** Requests there have been, those of gRPC among them. */
  readonly requests: number;
  /** Over TLS, those of the messages within. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** What the engine of HTTP/2 has counted; undefined on HTTP/1.1. */
  readonly counters: Readonly<SessionCounters> | undefined;
}

/** An exchange under way; calls of gRPC are not among them. */
export interface LiveExchangeDescription {
  readonly method: string;
  /** The path as it was sent, without its query. */
  readonly path: string;
  readonly httpVersion: "1.0" | "1.1" | "2";
  readonly remoteAddress: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly ageMs: number;
}

/** An HttpServer at one moment. */
export interface HttpServerDescription {
  readonly state: "new" | "running" | "stopping" | "stopped";
  /** Epoch milliseconds; undefined before it started. */
  readonly startedAt: number | undefined;
  /** "host:port" or the paths of unix sockets; none before it listens. */
  readonly listening: readonly string[];
  readonly connections: readonly HttpConnectionDescription[];
  /** Connections refused as there were `maxConnections` already. */
  readonly refusedConnections: number;
  readonly liveExchanges: readonly LiveExchangeDescription[];
  /** Its gRPC, whose connections are those of HTTP/2; undefined without `grpc`. */
  readonly grpc: ServerDescription | undefined;
}
