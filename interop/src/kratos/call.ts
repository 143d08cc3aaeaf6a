import type { JsonObject } from "@bufbuild/protobuf";

/** The two wires of Kratos. */
export const wires = ["http", "grpc"] as const;

export type Wire = (typeof wires)[number];

/** A method to call, in words both sides understand. */
export interface Call {
  readonly method: string;
  readonly input?: JsonObject;
  /** The requests of a stream. */
  readonly inputs?: readonly JsonObject[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** Of a body, over HTTP. */
  readonly contentType?: string;
  readonly timeoutMs?: number;
  readonly cancelAfterMs?: number;
  /** Over gRPC. */
  readonly gzip?: boolean;
}

/** What came of a call. */
export interface Outcome {
  readonly output?: JsonObject;
  readonly outputs?: readonly JsonObject[];
  readonly error?: Failure;
  /** What the server said of itself in a header. */
  readonly header?: string;
}

export interface Failure {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Who can call a server. */
export interface Caller {
  call(wire: Wire, call: Call): Promise<Outcome>;
}

/** Where a server listens: "host:port" of each wire. */
export type Addresses = Readonly<Record<Wire, string>>;
