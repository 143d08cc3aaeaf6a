/**
 * Refuses text that is longer than a reader may keep.
 * @throws {RangeError} If it is; `what` says what is read, and which part of it is too long.
 */
export function checkLength(what: string, length: number, maxLength: number): void {
  if (length <= maxLength) return;
  throw new RangeError(
    `Cannot read ${what} must have at most ${maxLength} characters: current value is ${length}`,
  );
}
