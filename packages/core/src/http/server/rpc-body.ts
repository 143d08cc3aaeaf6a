import { fromError, grpcFailure, type KratosError } from "../../errors/index.ts";

/** Makes what a wire says of a body that is too large what the RPC protocols say. */
export function rpcBodyFailure(error: unknown): KratosError {
  const known = fromError(error);
  if (known.code !== 413) return known;
  return grpcFailure("RESOURCE_EXHAUSTED", known.message, { cause: known });
}
