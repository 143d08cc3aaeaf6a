import {
  fromError,
  type KratosError,
  type NamedErrorOptions,
  tooManyRequests,
} from "../../errors/index.ts";

const reason = "RATELIMIT";

/** Makes the error of a request that a limiter has refused: 429 `RATELIMIT`, as in Go. */
export function limitExceeded(options?: NamedErrorOptions): KratosError {
  return tooManyRequests(reason, "service unavailable due to rate limit exceeded", options);
}

/** Whether `fromError` of it is a 429 `RATELIMIT`: of a limiter here, or of the one of a server that was called. */
export function isLimitExceeded(error: unknown): boolean {
  const known = fromError(error);
  return known.code === 429 && known.reason === reason;
}
