import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { DecodeError } from "../decode-error.ts";
import { quoted } from "./query.ts";

/** Seconds since 1970 and the nanoseconds beside them. */
export type Instant = Pick<Timestamp, "seconds" | "nanos">;

/** Writes an instant as RFC 3339 in UTC with 0, 3, 6 or 9 digits of fraction. */
export function formatInstant(instant: Instant): string {
  const seconds = new Date(Number(instant.seconds) * 1000).toISOString().slice(0, -5);
  return `${seconds}${fractionText(instant.nanos)}Z`;
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,](\d{1,100}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/**
 * Reads RFC 3339 with its zone, which has to be there; digits below a nanosecond are cut off.
 * @throws DecodeError for other text and days no calendar has
 */
export function parseInstant(text: string): Instant {
  const [, date = "", time = "", fraction = "", sign, hours, minutes] = rfc3339.exec(text) ?? [];
  const local = Date.parse(`${date}T${time}Z`);
  // Date rolls the 30th of February over; what comes back has to be what went in.
  if (Number.isNaN(local) || !new Date(local).toISOString().startsWith(`${date}T${time}`)) {
    throw new DecodeError(`invalid RFC 3339 timestamp: current value is ${quoted(text)}`);
  }
  const offsetMinutes =
    sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  const seconds = BigInt(local / 1000 - offsetMinutes * 60);
  if (
    Number(hours ?? 0) > 23 ||
    Number(minutes ?? 0) > 59 ||
    seconds < minSeconds ||
    seconds > maxSeconds
  ) {
    throw new DecodeError(`timestamp out of range: current value is ${quoted(text)}`);
  }
  return { seconds, nanos: Number(fraction.slice(0, 9).padEnd(9, "0")) };
}

// From 0001-01-01 to 9999-12-31, as the type is defined.
const minSeconds = -62_135_596_800n;
const maxSeconds = 253_402_300_799n;

function fractionText(nanos: number): string {
  if (nanos === 0) return "";
  return `.${String(nanos)
    .padStart(9, "0")
    .replace(/(?:000){1,2}$/, "")}`;
}
