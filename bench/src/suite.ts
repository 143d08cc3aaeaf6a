/** What is compared: cases, each with the peers that do the same work under the same load. */
export interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

export interface Case {
  readonly name: string;
  readonly load: Load;
  /** The first is ours; the ratios are its rate to each other's. */
  readonly peers: readonly Peer[];
  /** Whether `--quick` leaves it out. @default {false} */
  readonly slow?: boolean;
}

export interface Peer {
  readonly name: string;
  /** The module to run: below servers/, where it prints `PORT n` when it listens, or below clients/. */
  readonly module: string;
  /** Whether `--quick` leaves it out. @default {false} */
  readonly slow?: boolean;
}

export type Load = H2Load | Wrk | ClientLoad;

/** A path of a server, loaded over HTTP/2 by h2load. */
export interface H2Load {
  readonly tool: "h2load";
  readonly path: string;
  readonly connections: number;
  readonly streams: number;
  /** Present where the path is a method of gRPC. */
  readonly grpc?: GrpcCall;
  /** What a path of REST answers, once. */
  readonly json?: unknown;
}

export interface GrpcCall {
  /** The request, framed. */
  readonly body: Uint8Array;
  /** What each call must be answered; each message counts as one request. */
  readonly reply: { readonly message: Uint8Array; readonly count: number };
}

/** A path of a server, asked for by wrk. */
export interface Wrk {
  readonly tool: "wrk";
  readonly path: string;
  readonly connections: number;
  /** JSON to send; then it is a POST. */
  readonly body?: string;
  /** What the path answers. */
  readonly json: unknown;
}

/** A client that keeps calls in flight to a server; the client is what is measured. */
export interface ClientLoad {
  readonly tool: "client";
  readonly server: string;
  readonly inFlight: number;
}

/** One window of load on one server, or by one client. */
export interface Sample {
  readonly requestsPerSecond: number;
  /** User and system time of the process a request. */
  readonly cpuMicrosPerRequest: number;
  readonly rssBytes: number;
  /** How long a call took from the outside, where the load generator says. */
  readonly p50Micros?: number;
  readonly p99Micros?: number;
}

/** One line of results: our rate, the peer's, ours divided by theirs, and what else was measured. */
export interface Row {
  readonly case: string;
  readonly peer: string;
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
  /** Their processor time a request divided by ours. */
  readonly cpuRatio: number;
  /** The medians of both. */
  readonly oursMedian: Sample;
  readonly theirsMedian: Sample;
}
