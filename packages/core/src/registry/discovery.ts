import type { ServiceInstance } from "./service-instance.ts";

/** The side of a registry on which clients find a service. */
export interface Discovery {
  /** Answers the instances known now; none is an empty list. */
  list(
    name: string,
    options: { readonly signal: AbortSignal },
  ): Promise<readonly ServiceInstance[]>;
  /**
   * Yields the full set now, possibly empty, and again after each change. A slow reader misses sets
   * in between, never the last one. Ends when the signal aborts.
   * @throws When the backend fails: the set yielded last is then stale but the best there is, and the
   * reader watches anew after a while.
   */
  watch(
    name: string,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<readonly ServiceInstance[]>;
}
