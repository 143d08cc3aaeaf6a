import { DecodeError } from "../decode-error.ts";
import { shortestFloat } from "../float-text.ts";
import { quoted } from "./query.ts";

/** Writes a number with Go's `%v`: the shortest digits, and an exponent below 1e-4 and from 1e+06 on. */
export function formatGoFloat(value: number): string {
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const isPlain = Number.isNaN(value) || size === 0 || (size >= 1e-4 && size < 1e6);
  // An exponent has two digits at least.
  return isPlain ? String(value) : value.toExponential().replace(/\b\d$/, "0$&");
}

/** Writes a float32 with Go's `%v`. */
export function formatGoFloat32(value: number): string {
  return formatGoFloat(shortestFloat(value));
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const named = /^([+-]?)(inf|infinity|nan)$/i;

/**
 * Reads a decimal number, or inf, infinity and nan in any case.
 * @throws DecodeError for other text, and for a number too big
 */
export function parseGoFloat(text: string): number {
  if (decimal.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    throw new DecodeError(`double out of range: current value is ${quoted(text)}`);
  }
  const [, sign = "", name = ""] = named.exec(text) ?? [];
  if (name === "" || (name.toLowerCase() === "nan" && sign !== ""))
    throw new DecodeError(`invalid number: current value is ${quoted(text)}`);
  if (name.toLowerCase() === "nan") return Number.NaN;
  return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Reads a float32; see parseGoFloat. */
export function parseGoFloat32(text: string): number {
  const value = parseGoFloat(text);
  if (Number.isFinite(value) && !Number.isFinite(Math.fround(value)))
    throw new DecodeError(`float out of range: current value is ${quoted(text)}`);
  return value;
}
