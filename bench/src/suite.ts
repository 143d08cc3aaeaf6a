/** What is compared: cases, each with the servers that do the same work under the same load. */
export interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

export interface Case {
  readonly name: string;
  readonly load: Load;
  /** The first is ours; the ratios are its rate to each other's. */
  readonly servers: readonly Peer[];
}

export interface Peer {
  readonly name: string;
  /** The module under servers/ to run; it prints `PORT n` when it listens. */
  readonly module: string;
}

export type Load =
  | { readonly tool: "h2load"; readonly path: string; readonly connections: number; readonly streams: number; readonly grpcBody: Uint8Array }
  | { readonly tool: "wrk"; readonly path: string; readonly connections: number };

/** One window of load on one server. */
export interface Sample {
  readonly requestsPerSecond: number;
  /** User and system time of the server process a request. */
  readonly cpuMicrosPerRequest: number;
  readonly rssBytes: number;
}

/** One line of results: our rate, the peer's, and ours divided by theirs. */
export interface Row {
  readonly case: string;
  readonly peer: string;
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
}
