import { DecodeError } from "../decode-error.ts";
import { quoted } from "./query.ts";

const maxNanos = 2n ** 63n - 1n;
const minNanos = -(2n ** 63n);
const nanosOf: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Writes nanoseconds as Go prints a duration: `1h0m0s`, `1.5ms`, `0s`. Clamps at 64 bits. */
export function formatGoDuration(nanos: bigint): string {
  const clamped = nanos > maxNanos ? maxNanos : nanos < minNanos ? minNanos : nanos;
  if (clamped === 0n) return "0s";
  const sign = clamped < 0n ? "-" : "";
  const size = clamped < 0n ? -clamped : clamped;
  const minutes = size / 60_000_000_000n;
  const hours = minutes / 60n;
  const [unit, places] = unitOf(size);
  const rest = decimal(size % 60_000_000_000n, places) + unit;
  return `${sign}${hours > 0n ? `${hours}h` : ""}${minutes > 0n ? `${minutes % 60n}m` : ""}${rest}`;
}

const part = /(\d*)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;
const longestText = 128;

/**
 * Reads a duration as Go writes it into nanoseconds.
 * @throws DecodeError for other text, and beyond 64 bits
 */
export function parseGoDuration(text: string): bigint {
  const negative = text.startsWith("-");
  const body = negative || text.startsWith("+") ? text.slice(1) : text;
  if (body === "0") return 0n;
  if (body === "" || text.length > longestText)
    throw new DecodeError(`invalid duration: current value is ${quoted(text)}`);
  let total = 0n;
  part.lastIndex = 0;
  while (part.lastIndex < body.length) {
    const match = part.exec(body);
    if (match === null) throw new DecodeError(`invalid duration: current value is ${quoted(text)}`);
    total += partNanos(match, text);
  }
  const nanos = negative ? -total : total;
  if (nanos > maxNanos || nanos < minNanos)
    throw new DecodeError(`duration out of range: current value is ${quoted(text)}`);
  return nanos;
}

function partNanos(match: RegExpExecArray, text: string): bigint {
  const [, whole = "", fraction = "", name = ""] = match;
  const unit = nanosOf[name];
  if (unit === undefined || (whole === "" && fraction === ""))
    throw new DecodeError(`invalid duration: current value is ${quoted(text)}`);
  // Digits below a nanosecond are cut off.
  return (
    BigInt(whole || "0") * unit +
    (fraction === "" ? 0n : (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length))
  );
}

function unitOf(nanos: bigint): readonly [unit: string, places: number] {
  if (nanos < 1_000n) return ["ns", 0];
  if (nanos < 1_000_000n) return ["\u00b5s", 3];
  return nanos < 1_000_000_000n ? ["ms", 6] : ["s", 9];
}

// The point goes `places` digits from the right; trailing zeros go.
function decimal(value: bigint, places: number): string {
  const text = (Number(value) / 10 ** places).toFixed(places);
  return text.replace(/\.0*$|(\.\d*[1-9])0+$/, "$1");
}
