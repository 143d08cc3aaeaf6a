let second = Number.NaN;
let secondText = "";

/** Writes epoch milliseconds as RFC 3339 in UTC with milliseconds. All but these are made once a second. */
export function timeText(timeMs: number): string {
  const newSecond = Math.floor(timeMs / 1000);
  if (newSecond !== second) {
    secondText = new Date(newSecond * 1000).toISOString().slice(0, -4);
    second = newSecond;
  }
  const ms = Math.floor(timeMs - second * 1000);
  if (ms < 10) return `${secondText}00${ms}Z`;
  return ms < 100 ? `${secondText}0${ms}Z` : `${secondText}${ms}Z`;
}
