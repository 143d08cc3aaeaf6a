import { grpcFailure } from "../../errors/index.ts";

let ended: DOMException | undefined;

/**
 * The reason contexts of finished calls are canceled with. One for all calls: making an exception
 * costs more than the rest of a call's end, and hardly anybody reads it.
 */
export function callEnded(): DOMException {
  ended ??= new DOMException("the call has ended", "AbortError");
  return ended;
}

/** The reason of a context whose call has run out of time. */
export function deadlineReason(): DOMException {
  return new DOMException("context deadline exceeded", "TimeoutError");
}

/** The reason of a context whose caller has cancelled or vanished: 499, not a failure of the handler. */
export function callerLeft(cause: unknown): Error {
  return grpcFailure("CANCELLED", "the caller has left", { cause });
}
