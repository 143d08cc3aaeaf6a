import type { DescMethod } from "@bufbuild/protobuf";
import type { CallOptions } from "./call-options.ts";

/** Where a client's calls go: a GrpcClient, an HttpClient, or a server in the same process. */
export interface Connection {
  /** Prepares the calls of a method; asked once a method. */
  prepare(method: DescMethod): ClientCall;
}

/**
 * Makes one call. The request is a complete message, or an AsyncIterable of them; the reply likewise.
 * The stream that is answered ends the call when it is abandoned. Failures are KratosErrors.
 */
export type ClientCall = (request: unknown, options: CallOptions) => Promise<unknown>;
