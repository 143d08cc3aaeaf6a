/** Decides whether a call is worth making. */
export interface Breaker {
  /** Whether the call may be made. */
  allow(): boolean;
  /** Tells that a call has succeeded. */
  markSuccess(): void;
  /** Tells that a call has failed, or was not allowed. */
  markFailed(): void;
}
