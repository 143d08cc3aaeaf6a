/**
 * Parses a whole number that is not negative, as the kernel writes it.
 * @throws {RangeError} If the text is something else.
 */
export function parseCount(text: string): number {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return Number(trimmed);
  throw new RangeError(
    `Cannot read a count as it must be digits: current value is "${text.slice(0, 64)}"`,
  );
}
