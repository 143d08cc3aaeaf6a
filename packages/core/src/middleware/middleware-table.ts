import type { Middleware } from "./middleware.ts";

/**
 * Which middlewares wrap which operation: the defaults for all, then those of one selector.
 * A selector is an operation, or a prefix of operations when it ends in `*`. The exact selector
 * wins, else the last prefix in lexicographic order; only one ever applies.
 */
export class MiddlewareTable {
  readonly #defaults: readonly Middleware[];
  readonly #exact: Map<string, readonly Middleware[]> = new Map();
  readonly #prefixes: Map<string, readonly Middleware[]> = new Map();

  constructor(defaults: readonly Middleware[] = []) {
    this.#defaults = [...defaults];
  }

  /** Adds the middlewares of a selector, in place of those it had. */
  use(selector: string, ...middleware: readonly Middleware[]): void {
    if (selector.endsWith("*")) {
      const prefix = selector.slice(0, -1);
      this.#prefixes.set(prefix, middleware);
      // An operation that equals the prefix counts as named exactly.
      this.#exact.set(prefix, middleware);
    } else {
      this.#exact.set(selector, middleware);
    }
  }

  /** The middlewares of an operation, outermost first. */
  match(operation: string): readonly Middleware[] {
    return [...this.#defaults, ...(this.#exact.get(operation) ?? this.#byPrefix(operation))];
  }

  #byPrefix(operation: string): readonly Middleware[] {
    const best = [...this.#prefixes.keys()]
      .filter((prefix) => operation.startsWith(prefix))
      .toSorted()
      .at(-1);
    return best === undefined ? [] : (this.#prefixes.get(best) ?? []);
  }
}
