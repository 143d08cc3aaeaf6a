import type { ContextKey } from "./context.ts";

/**
 * Makes a key for `context.with` and `context.get`. Two keys of one name are two keys.
 * `fallback` is what `get` answers where no value was set.
 */
export function createContextKey<T>(name: string, fallback: T): ContextKey<T> {
  return { id: Symbol(name), fallback };
}

/**
 * Makes a key that every copy of the package shares, for the framework's own slots:
 * an application that ends up with two copies of `@kratosjs/core` still has one context.
 */
export function createSharedContextKey<T>(name: string, fallback: T): ContextKey<T> {
  return { id: Symbol.for(`kratos/${name}`), fallback };
}
