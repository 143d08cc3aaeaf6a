import type { Header } from "./header.ts";

/** A Header that stands on its own, not on a request. */
export class HeaderMap implements Header {
  readonly #values: Map<string, string[]> = new Map();
  // The headers of many calls are one map: what each of them asks for is made once.
  #keys: readonly string[] | undefined;

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
    this.#keys ??= Object.freeze([...this.#values.keys()]);
    return this.#keys;
  }

  set(name: string, value: string): void {
    this.#keys = undefined;
    this.#values.set(name.toLowerCase(), [value]);
  }

  add(name: string, value: string): void {
    const key = name.toLowerCase();
    const values = this.#values.get(key);
    if (values !== undefined) values.push(value);
    else this.set(key, value);
  }

  delete(name: string): void {
    this.#keys = undefined;
    this.#values.delete(name.toLowerCase());
  }

  /** Each name with all its values. */
  entries(): IterableIterator<[string, readonly string[]]> {
    return this.#values.entries();
  }
}
