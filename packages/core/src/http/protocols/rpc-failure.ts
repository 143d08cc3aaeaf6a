import {
  fromError,
  grpcCodeFromHttp,
  fromGrpcStatus,
  GrpcCode,
  type KratosError,
} from "../../errors/index.ts";

/**
 * What a call over a protocol of gRPC's family fails with: an error without a code of gRPC gets the one
 * of its status, and the texts of calls that ran out of time or were left are gRPC's.
 */
export function rpcFailure(error: unknown): KratosError {
  const known = fromError(error);
  if (known.grpcCode !== undefined || known.reason !== "") return known;
  const code = grpcCodeFromHttp(known.code);
  return fromGrpcStatus({ code, message: texts.get(code) ?? known.message, details: [] }, error);
}

const texts: ReadonlyMap<number, string> = new Map([
  [GrpcCode.DEADLINE_EXCEEDED, "context deadline exceeded"],
  [GrpcCode.CANCELLED, "context canceled"],
]);
