/** Tells a limiter that a request it has let in is over, and with what error it failed, if it did. To be called once. */
export type Done = (error?: unknown) => void;

/** Decides whether a request may begin. */
export interface Limiter {
  /** Lets a request in, and answers what to call when it is over; undefined is a refusal. */
  allow(): Done | undefined;
}
