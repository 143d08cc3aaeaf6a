/**
 * Refuses a status no answer can have; those below 200 announce another one.
 * @throws {RangeError} If it is none of 200 to 999.
 */
export function checkStatus(status: number): void {
  if (Number.isInteger(status) && status >= 200 && status <= 999) return;
  throw new RangeError(
    `Cannot answer as the status must be 200 to 999: current value is ${status}`,
  );
}
