import { fromError, KratosError, messageOf } from "../../errors/index.ts";

/** Whether a connection could not be made: nothing was sent. */
export function isUnreachable(error: unknown, bytesSent: boolean): boolean {
  return !bytesSent && !isEnd(error) && !isMisuse(error);
}

/**
 * What a call fails with that got no answer: 504 when its time ran out, 499 when its caller left, else 503
 * without a reason. Go passes the bare error on, which converts to 500 and blames the server.
 */
export function transportError(error: unknown): KratosError {
  if (isEnd(error) || isMisuse(error)) return fromError(error);
  return new KratosError(messageOf(error), { code: 503, cause: error });
}

function isEnd(error: unknown): boolean {
  if (error instanceof KratosError) return true;
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}

function isMisuse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "UND_ERR_INVALID_ARG";
}
