import { Cancellation } from "./cancellation.ts";
import type { Context, ContextKey } from "./context.ts";

/** The one implementation of Context: a link of a chain that carries one value or one cancellation. */
export class ContextNode implements Context {
  readonly #parent: ContextNode | undefined;
  readonly #id: symbol | undefined;
  readonly #value: unknown;
  readonly #cancellation: Cancellation | undefined;

  constructor(
    parent: ContextNode | undefined,
    cancellation: Cancellation | undefined,
    entry?: { readonly id: symbol; readonly value: unknown },
  ) {
    this.#parent = parent;
    this.#cancellation = cancellation;
    this.#id = entry?.id;
    this.#value = entry?.value;
  }

  get signal(): AbortSignal {
    return this.#cancellation?.signal ?? neverAborts;
  }

  get deadline(): number | undefined {
    return this.#cancellation?.deadline;
  }

  get<T>(key: ContextKey<T>): T {
    const { id } = key;
    // A value was stored under this very key by `with`, whose signature ties the two types.
    if (this.#id === id) return this.#value as T;
    for (let node = this.#parent; node !== undefined; node = node.#parent) {
      if (node.#id === id) return node.#value as T;
    }
    return key.fallback;
  }

  with<T>(key: ContextKey<T>, value: T): Context {
    return new ContextNode(this, this.#cancellation, { id: key.id, value });
  }

  withTimeout(timeoutMs: number): Context {
    if (Number.isNaN(timeoutMs)) {
      throw new RangeError(
        "Cannot limit a context as 'timeoutMs' must be a number: current value is NaN",
      );
    }
    return this.derive(new Cancellation(this.#cancellation, { deadline: Date.now() + timeoutMs }));
  }

  withSignal(signal: AbortSignal): Context {
    return this.derive(new Cancellation(this.#cancellation, { joined: signal }));
  }

  /** A child that ends with `cancellation`, which the caller has made from `this.cancellation`. */
  derive(cancellation: Cancellation): ContextNode {
    return new ContextNode(this, cancellation);
  }

  get cancellation(): Cancellation | undefined {
    return this.#cancellation;
  }
}

const neverAborts: AbortSignal = new AbortController().signal;
