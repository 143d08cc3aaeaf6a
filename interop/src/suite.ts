/** How a suite ended. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const caseTimeoutMs = 60_000;

/** One way to be judged by a peer nobody here wrote. */
export type Suite = () => Promise<Tally>;

/** Runs named cases one after the other, prints each, and counts. */
export async function runCases(
  cases: readonly (readonly [string, () => Promise<void>])[],
): Promise<Tally> {
  let failed = 0;
  for (const [name, run] of cases) {
    try {
      await inTime(run());
      console.log(`  ok    ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`  FAIL  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { passed: cases.length - failed, failed };
}

async function inTime(running: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("time ran out")), caseTimeoutMs);
  });
  try {
    await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Adds up tallies. */
export function sumOf(tallies: readonly Tally[]): Tally {
  return tallies.reduce((sum, { passed, failed }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
  }));
}
