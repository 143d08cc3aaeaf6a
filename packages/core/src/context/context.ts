/** What a call carries: who may end it, when it must end, and values by typed key. Immutable. */
export interface Context {
  /** Aborts when the caller is gone, the deadline has passed or the server is cut. Made on first use. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds; undefined when there is none. Costs nothing to read. */
  readonly deadline: number | undefined;
  /** The value of the nearest `with(key)`, or the key's fallback. */
  get<T>(key: ContextKey<T>): T;
  /** A child that carries one more value. */
  with<T>(key: ContextKey<T>, value: T): Context;
  /** A child that ends after `timeoutMs` milliseconds, or when its parent does, whichever is first. */
  withTimeout(timeoutMs: number): Context;
  /** A child that also ends when `signal` aborts, with the signal's reason. */
  withSignal(signal: AbortSignal): Context;
}

/** Names a value of a context and knows its type; made by `createContextKey`. */
export interface ContextKey<T> {
  readonly id: symbol;
  readonly fallback: T;
}
