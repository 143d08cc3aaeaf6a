import type { SessionCounters } from "@kratosjs/h2";
import type { TlsDescription } from "../../transport/tls/index.ts";

/** How many calls there were; those neither succeeded nor failed are under way. */
export interface CallCounts {
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Epoch milliseconds; undefined before the first call. */
  readonly lastStartedAt: number | undefined;
}

/** A call under way. */
export interface LiveCallDescription {
  /** "/package.Service/Method" */
  readonly operation: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly ageMs: number;
  /** Epoch milliseconds; undefined without one. */
  readonly deadline: number | undefined;
}

/** A connection that is open. Addresses are undefined on unix sockets. */
export interface ConnectionDescription {
  readonly id: number;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  /** Undefined over clear text. */
  readonly tls: TlsDescription | undefined;
  /** Epoch milliseconds. */
  readonly openedAt: number;
  readonly ageMs: number;
  /** Streams open now. */
  readonly openStreams: number;
  readonly calls: CallCounts;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  /** What the engine has counted: bytes, pings, resets. */
  readonly counters: Readonly<SessionCounters>;
}

/** A port a server listens on. */
export interface ListenSocketDescription {
  readonly id: number;
  /** "host:port", or the path of a unix socket. */
  readonly address: string;
}

/** What serves gRPC at one moment: a GrpcServer, or the side of an HttpServer that does. */
export interface ServerDescription {
  readonly id: number;
  readonly state: "new" | "running" | "stopping" | "stopped";
  /** Epoch milliseconds; undefined before it started. */
  readonly startedAt: number | undefined;
  /** Over all connections there have been; refused requests count as failed. */
  readonly calls: CallCounts;
  readonly listening: readonly ListenSocketDescription[];
  readonly connections: readonly ConnectionDescription[];
  /** Connections refused as there were `maxConnections` already. */
  readonly refusedConnections: number;
  readonly liveCalls: readonly LiveCallDescription[];
}

/** The states of gRPC's connectivity semantics. */
export type ConnectivityState = "IDLE" | "CONNECTING" | "READY" | "TRANSIENT_FAILURE" | "SHUTDOWN";

/** The connections of a client to one address. */
export interface SubchannelDescription {
  readonly id: number;
  readonly address: string;
  readonly state: ConnectivityState;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Calls that got a connection, once for each time they were sent. */
  readonly calls: CallCounts;
  /** Why connecting failed the last time; undefined if it never did, or has worked since. */
  readonly lastFailure: string | undefined;
  readonly connections: readonly ConnectionDescription[];
}

/** A GrpcClient at one moment. */
export interface ClientDescription {
  readonly id: number;
  /** The endpoint as it was given. */
  readonly target: string;
  readonly state: ConnectivityState;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly calls: CallCounts;
  /** Only addresses that have been called. */
  readonly subchannels: readonly SubchannelDescription[];
  readonly liveCalls: readonly LiveCallDescription[];
}
