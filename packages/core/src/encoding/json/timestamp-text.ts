/** google.protobuf.Timestamp as RFC 3339 text, both ways: by the calendar, as a Date costs ten times as much. */

interface Instant {
  readonly seconds: bigint;
  readonly nanos: number;
}

const daySeconds = 86_400;
// From 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

// Where the date and the time stand in "2026-11-23T01:02:03".
const shape = "dddd-dd-ddTdd:dd:dd";

/** Reads a time in UTC; undefined for any other text, such as one with an offset. */
export function readTimestamp(text: string): Instant | undefined {
  const { length } = text;
  if (length < shape.length + 1 || text.charCodeAt(length - 1) !== 0x5a || !isShaped(text)) {
    return undefined;
  }
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
  const isTime = hour < 24 && minute < 60 && second < 60;
  if (year < 1 || month < 1 || month > 12 || day < 1 || !isTime) return undefined;
  if (day > 28 && day > daysOf(year, month)) return undefined;
  const seconds =
    daysSinceEpoch(year, month, day) * daySeconds + hour * 3600 + minute * 60 + second;
  const nanos = readFraction(text);
  return nanos === undefined ? undefined : { seconds: BigInt(seconds), nanos };
}

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

function isShaped(text: string): boolean {
  for (let index = 0; index < shape.length; index++) {
    const code = text.charCodeAt(index);
    const due = shape.charCodeAt(index);
    if (due === 0x64 ? code < 0x30 || code > 0x39 : code !== due) return false;
  }
  return true;
}

function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index++) value = value * 10 + text.charCodeAt(index) - 0x30;
  return value;
}

function readFraction(text: string): number | undefined {
  const count = text.length - shape.length - 2;
  if (count < 0) return 0;
  if (text.charCodeAt(shape.length) !== 0x2e || count < 1 || count > 9) return undefined;
  let value = 0;
  for (let index = shape.length + 1; index < text.length - 1; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return undefined;
    value = value * 10 + code - 0x30;
  }
  return value * 10 ** (9 - count);
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

/** How many days a month has; 31 for what is no month. */
export function daysOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

// Both ways count in eras of 400 years that begin on the first of March, so that a leap day is a year's last:
// H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear;
  return era * 146_097 + dayOfEra - 719_468;
}

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
