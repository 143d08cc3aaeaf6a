/** Collects what goes wrong while something must go on to its end. */
export class Failures {
  readonly #errors: unknown[] = [];

  /** Runs it; what it throws is kept. Answers whether it went well. */
  async attempt(act: () => unknown): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      this.add(error);
      return false;
    }
  }

  add(error: unknown): void {
    if (!this.#errors.includes(error)) this.#errors.push(error);
  }

  /**
   * Throws what was kept: nothing, the one error, or all of them as an AggregateError.
   * @throws {AggregateError} If there is more than one.
   */
  throwIfAny(): void {
    const [first, ...others] = this.#errors;
    if (this.#errors.length === 0) return;
    if (others.length === 0) throw first;
    const messages = this.#errors.map((error) =>
      error instanceof Error ? error.message : String(error),
    );
    throw new AggregateError(this.#errors, messages.join("; "));
  }
}
