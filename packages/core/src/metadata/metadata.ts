const nothing: ReadonlyMap<string, readonly string[]> = new Map();

/** Values that travel with a call: lower-case names, each with a list of texts. */
export class Metadata {
  // Made with the first entry: most calls have none.
  #values: Map<string, string[]> | undefined;

  /** Takes the entries of all maps in order, appending the values of a repeated name. */
  constructor(...maps: readonly MetadataInit[]) {
    for (const map of maps) {
      const entries = map instanceof Metadata ? map.entries() : Object.entries(map);
      for (const [name, values] of entries) {
        for (const value of typeof values === "string" ? [values] : values) this.add(name, value);
      }
    }
  }

  get size(): number {
    return this.#values?.size ?? 0;
  }

  /** The first value, or "" when there is none. */
  get(name: string): string {
    return this.#values?.get(name.toLowerCase())?.[0] ?? "";
  }

  /** All values in order. */
  values(name: string): readonly string[] {
    return this.#values?.get(name.toLowerCase()) ?? [];
  }

  /** Replaces all values of the name by one. An empty name or value changes nothing. */
  set(name: string, value: string): void {
    if (name === "" || value === "") return;
    this.#made().set(name.toLowerCase(), [value]);
  }

  /** Appends a value. An empty name changes nothing. */
  add(name: string, value: string): void {
    if (name === "") return;
    const key = name.toLowerCase();
    const own = this.#made();
    const values = own.get(key);
    if (values === undefined) own.set(key, [value]);
    else values.push(value);
  }

  /** Replaces all values of the name by these. An empty name changes nothing. */
  replace(name: string, values: readonly string[]): void {
    if (name !== "") this.#made().set(name.toLowerCase(), [...values]);
  }

  /** Each name with its values. */
  entries(): IterableIterator<[string, readonly string[]]> {
    return (this.#values ?? nothing).entries();
  }

  /** A copy that shares nothing. */
  clone(): Metadata {
    return this.#values === undefined ? new Metadata() : new Metadata(this);
  }

  /** A plain object, for tests and logs. */
  toJSON(): Record<string, readonly string[]> {
    return Object.fromEntries(this.entries());
  }

  #made(): Map<string, string[]> {
    this.#values ??= new Map();
    return this.#values;
  }
}

/** What a Metadata can be made of. */
export type MetadataInit = Metadata | Readonly<Record<string, string | readonly string[]>>;
