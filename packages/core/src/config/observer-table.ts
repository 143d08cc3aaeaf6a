import { isSameNode, lookUp, type ConfigTree } from "./tree.ts";
import type { Value } from "./value.ts";

/** Is told that the value of its path has changed; a key that was removed too. */
export type Observer = (value: Value, path: string) => void;

/** Who watches which path, in the order of registration. */
export class ObserverTable {
  readonly #entries: Set<Entry> = new Set();

  /** Adds an observer; disposing of the answer removes it, and none else. */
  add(value: Value, observer: Observer): Disposable {
    const entry: Entry = { value, segments: value.path.split("."), observer };
    this.#entries.add(entry);
    return { [Symbol.dispose]: () => void this.#entries.delete(entry) };
  }

  /** Removes all. */
  clear(): void {
    this.#entries.clear();
  }

  /** Calls those whose content differs between two trees; what they throw, or reject with, goes to `onError`. */
  notify(
    trees: { readonly before: ConfigTree; readonly after: ConfigTree },
    onError: (error: unknown) => void,
  ): void {
    const changed = [...this.#entries].filter(
      ({ segments }) => !isSameNode(lookUp(trees.before, segments), lookUp(trees.after, segments)),
    );
    for (const entry of changed) {
      if (this.#entries.has(entry)) call(entry, onError);
    }
  }
}

interface Entry {
  readonly value: Value;
  readonly segments: readonly string[];
  readonly observer: Observer;
}

function call(entry: Entry, onError: (error: unknown) => void): void {
  try {
    const result: unknown = entry.observer(entry.value, entry.value.path);
    // An async function is an observer for TypeScript; nobody else would hear that it failed.
    if (result instanceof Promise) result.catch(onError);
  } catch (error) {
    onError(error);
  }
}
