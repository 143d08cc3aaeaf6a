/** Answers the float32 with the fewest digits that still reads back as the same float32. */
export function shortestFloat(value: number): number {
  const float = Math.fround(value);
  if (Number.isInteger(float) && Math.abs(float) < 2 ** 24) return float;
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(float.toPrecision(digits));
    if (Math.fround(candidate) === float) return candidate;
  }
  return float;
}
