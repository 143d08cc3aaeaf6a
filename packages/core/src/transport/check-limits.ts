/**
 * Refuses times, sizes and counts that are none, as a timer or a comparison would take them for something else.
 * `maker` is what the options are of, as in "an HttpServer"; what is undefined is left out.
 * @throws {RangeError} If one is no number from 0 on.
 */
export function checkLimits(
  maker: string,
  limits: Readonly<Record<string, number | undefined>>,
): void {
  for (const [name, value] of Object.entries(limits)) {
    // A text that looks like a number would pass for one here, and not where it is counted with.
    if (value === undefined || (typeof value === "number" && value >= 0)) continue;
    throw new RangeError(
      `Cannot make ${maker} as '${name}' must be 0 or more: current value is ${String(value)}`,
    );
  }
}
