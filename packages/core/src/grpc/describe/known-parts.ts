/** The servers or clients of a process, for those who ask about it as a whole. Holds nothing in memory that is not used elsewhere. */
export class KnownParts<T extends { readonly id: number }> {
  readonly #parts: Map<number, WeakRef<T>> = new Map();
  readonly #collected: FinalizationRegistry<number> = new FinalizationRegistry((id) =>
    this.#parts.delete(id),
  );

  add(part: T): void {
    this.#parts.set(part.id, new WeakRef(part));
    this.#collected.register(part, part.id, part);
  }

  delete(part: T): void {
    this.#parts.delete(part.id);
    this.#collected.unregister(part);
  }

  /** All of them, by their ids. */
  list(): readonly T[] {
    const parts = [...this.#parts.values()].map((reference) => reference.deref());
    return parts.filter((part) => part !== undefined).toSorted((one, other) => one.id - other.id);
  }
}
