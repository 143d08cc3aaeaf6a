import type { GrpcCode } from "./grpc-code.ts";
import { grpcFailure } from "./grpc-failure.ts";
import type { KratosError } from "./kratos-error.ts";

type CodeName = keyof typeof GrpcCode;

const byHttp: Readonly<Record<number, CodeName>> = {
  400: "INTERNAL",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "UNIMPLEMENTED",
  429: "UNAVAILABLE",
  502: "UNAVAILABLE",
  503: "UNAVAILABLE",
  504: "UNAVAILABLE",
};

/** The error of an answer that has only an HTTP status: something between the peers has answered. */
export function httpAnswerError(status: number | string): KratosError {
  return grpcFailure(byHttp[Number(status)] ?? "UNKNOWN", `unexpected HTTP status code ${status}`);
}
