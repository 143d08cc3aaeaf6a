import { isKratosError, KratosError, messageOf } from "./kratos-error.ts";
import { fromGrpcStatus, grpcStatusOf } from "./grpc-status.ts";

/** Longer chains of causes are cut: a chain can be made a circle. */
const maxCauses = 32;

/**
 * Converts anything thrown to a KratosError; the one converter of the framework.
 *
 * A KratosError anywhere in the chain of causes is answered itself. A gRPC status error of
 * `@grpc/grpc-js` gives code, reason and metadata of its first ErrorInfo. An abort is 499, a timeout
 * 504. All else is 500 with the error's message. The original is the cause.
 */
export function fromError(error: unknown): KratosError {
  let cause = error;
  for (let depth = 0; depth < maxCauses && cause !== undefined && cause !== null; depth += 1) {
    if (isKratosError(cause)) return cause;
    const status = grpcStatusOf(cause);
    if (status !== undefined) return fromGrpcStatus(status, error);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return new KratosError(messageOf(error), { code: codeOfPlain(error), cause: error });
}

/** Abort is not failure: the caller left (499), or time ran out (504). */
function codeOfPlain(error: unknown): number {
  if (!(error instanceof Error)) return 500;
  if (error.name === "AbortError") return 499;
  return error.name === "TimeoutError" ? 504 : 500;
}

/** The code of an error: 200 for none, else that of `fromError`. */
export function code(error: unknown): number {
  return error === undefined || error === null ? 200 : fromError(error).code;
}

/** The reason of an error: empty for none, else that of `fromError`. */
export function reason(error: unknown): string {
  return error === undefined || error === null ? "" : fromError(error).reason;
}

/** Whether the target, or an error in its chain of causes, is a KratosError of the same code and reason. */
export function isSameError(error: KratosError, target: unknown): boolean {
  let cause = target;
  for (let depth = 0; depth < maxCauses && cause !== undefined && cause !== null; depth += 1) {
    if (isKratosError(cause)) return cause.code === error.code && cause.reason === error.reason;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return false;
}
