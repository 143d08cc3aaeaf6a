import type { Header } from "./header.ts";

/** A Header that stands on its own, not on a request. */
export class HeaderMap implements Header {
  readonly #values: Map<string, string[]> = new Map();

  /** Takes the pairs, appending the values of a repeated name. */
  constructor(entries: Iterable<readonly [string, string | readonly string[]]> = []) {
    for (const [name, value] of entries) {
      if (typeof value === "string") this.add(name, value);
      else for (const item of value) this.add(name, item);
    }
  }

  /** No names. */
  get empty(): boolean {
    return this.#values.size === 0;
  }

  get(name: string): string {
    return this.#values.get(name.toLowerCase())?.[0] ?? "";
  }

  values(name: string): readonly string[] {
    return this.#values.get(name.toLowerCase()) ?? [];
  }

  keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), [value]);
  }

  add(name: string, value: string): void {
    const key = name.toLowerCase();
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else values.push(value);
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase());
  }

  /** Each name with all its values. */
  entries(): IterableIterator<[string, readonly string[]]> {
    return this.#values.entries();
  }
}
