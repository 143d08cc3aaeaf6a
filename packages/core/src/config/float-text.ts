/**
 * Writes a number as Go Kratos prints configuration: an integer in full, a fraction in its shortest
 * form, with an exponent from 1e6 and below 1e-4. Integers in full is the one difference: Go cannot
 * tell them from floats when they come from JSON, and prints 1000000 as 1e+06.
 */
export function formatNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const [digits = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(value);
  const sign = exponent < 0 ? "-" : "+";
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const hexadecimal = /^([+-]?)0x([\da-f]*)\.?([\da-f]*)p([+-]?\d+)$/i;
const special = /^(?:([+-]?)inf(?:inity)?|nan)$/i;

/** Reads a number as Go's ParseFloat does; undefined for what it refuses. */
export function parseFloatText(text: string): number | undefined {
  if (decimal.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const named = special.exec(text);
  if (named !== null) {
    if (text.toLowerCase() === "nan") return Number.NaN;
    return named[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const [match, sign, whole = "", fraction = "", power = "0"] = hexadecimal.exec(text) ?? [];
  if (match === undefined || whole + fraction === "") return undefined;
  const mantissa = Number.parseInt(whole + fraction, 16);
  const value = mantissa * 2 ** (Number(power) - 4 * fraction.length);
  if (!Number.isFinite(value)) return undefined;
  return sign === "-" ? -value : value;
}
