import { describe, it } from "vitest";

/** One promise of a contract: a sentence, and what shows it. */
export interface ContractCase<H> {
  readonly name: string;
  readonly run: (harness: H) => Promise<void>;
}

/**
 * Makes a test of each case. A skipped case keeps its line and shows its reason.
 * @throws {TypeError} If a skip has no reason or matches no case: it would hide something one day.
 */
export function runCases<H extends { readonly skip?: Readonly<Record<string, string>> }>(
  name: string,
  { cases, harness }: { readonly cases: readonly ContractCase<H>[]; readonly harness: H },
): void {
  const skip = new Map(Object.entries(harness.skip ?? {}));
  for (const [skipped, reason] of skip) {
    if (!cases.some((one) => one.name === skipped)) {
      throw new TypeError(
        `Cannot skip as the contract must have the case: current value is "${skipped}"`,
      );
    }
    if (reason.trim() === "") {
      throw new TypeError(`Cannot skip as it must have a reason: current value is "${skipped}"`);
    }
  }
  describe(name, () => {
    for (const one of cases) {
      const reason = skip.get(one.name);
      if (reason === undefined) it(one.name, () => one.run(harness));
      else it.skip(`${one.name} (${reason})`);
    }
  });
}
