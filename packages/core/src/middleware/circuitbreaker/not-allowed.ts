import {
  fromError,
  type KratosError,
  type NamedErrorOptions,
  serviceUnavailable,
} from "../../errors/index.ts";

const reason = "CIRCUITBREAKER";

/** Makes the error of a call that a breaker has refused: 503 `CIRCUITBREAKER`, as in Go. */
export function notAllowed(options?: NamedErrorOptions): KratosError {
  return serviceUnavailable(reason, "request failed due to circuit breaker triggered", options);
}

/** Whether `fromError` of it is a 503 `CIRCUITBREAKER`. */
export function isNotAllowed(error: unknown): boolean {
  const known = fromError(error);
  return known.code === 503 && known.reason === reason;
}
