/** google.protobuf.Timestamp as RFC 3339 text: by the calendar, as a Date costs ten times as much. */

interface Instant {
  readonly seconds: bigint;
  readonly nanos: number;
}

const daySeconds = 86_400;
// From 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

/**
 * Writes a time in UTC, with as many digits as it has, in threes.
 * @throws RangeError outside of the years 1 to 9999, or where the nanoseconds are none
 */
export function timestampText(time: Instant): string {
  const seconds = Number(time.seconds);
  const { nanos } = time;
  if (!(seconds >= firstSecond && seconds <= lastSecond) || !(nanos >= 0 && nanos < 1e9)) {
    throw new RangeError(
      `Cannot encode a google.protobuf.Timestamp as JSON as it must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z: current value is ${time.seconds} s and ${nanos} ns`,
    );
  }
  const day = Math.floor(seconds / daySeconds);
  const rest = seconds - day * daySeconds;
  const hour = (rest / 3600) | 0;
  const minute = ((rest / 60) | 0) % 60;
  return `${dateText(day)}T${two(hour)}:${two(minute)}:${two(rest % 60)}${fractionText(nanos)}Z`;
}

function fractionText(nanos: number): string {
  if (nanos === 0) return "";
  const text = String(nanos + 1_000_000_000);
  if (text.endsWith("000000")) return `.${text.slice(1, 4)}`;
  return text.endsWith("000") ? `.${text.slice(1, 7)}` : `.${text.slice(1)}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

// Counts in eras of 400 years that begin on the first of March, so that a leap day is a year's last:
// H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
function civilDate(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const ofYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

// Most times that are written are of one day.
let lastDay = 0;
let lastDate = "1970-01-01";

function dateText(day: number): string {
  if (day !== lastDay) {
    lastDate = civilDate(day);
    lastDay = day;
  }
  return lastDate;
}
