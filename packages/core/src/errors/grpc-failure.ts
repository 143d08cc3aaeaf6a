import { GrpcCode } from "./grpc-code.ts";
import { fromGrpcStatus } from "./grpc-status.ts";
import type { KratosError } from "./kratos-error.ts";

/** Makes the error of something the protocol itself found wrong: a gRPC code and a text, no reason. */
export function grpcFailure(
  code: keyof typeof GrpcCode,
  message: string,
  options: { readonly cause?: unknown } = {},
): KratosError {
  return fromGrpcStatus({ code: GrpcCode[code], message, details: [] }, options.cause);
}
