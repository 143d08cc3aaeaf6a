import { ScalarType } from "@bufbuild/protobuf";
import { shortestFloat } from "../float-text.ts";
import { base64Text } from "./base64.ts";

/** Writes one value as JSON text. */
export type ValueWriter = (value: unknown) => string;

/** Composes the writer of a scalar; `field` names it in the error for a value of another type. */
export function scalarWriter(scalar: ScalarType, field: string): ValueWriter {
  const fail = (value: unknown): never => {
    throw new TypeError(
      `Cannot encode field "${field}" as JSON as it must hold a ${ScalarType[scalar].toLowerCase()}: current value is ${shown(value)}`,
    );
  };
  switch (scalar) {
    case ScalarType.STRING:
      return (value) => (typeof value === "string" ? quoteJson(value) : fail(value));
    case ScalarType.BOOL:
      return (value) => (typeof value === "boolean" ? String(value) : fail(value));
    case ScalarType.BYTES:
      return (value) => (value instanceof Uint8Array ? `"${base64Text(value)}"` : fail(value));
    case ScalarType.FLOAT:
      return (value) =>
        typeof value === "number" ? numberText(shortestFloat(value)) : fail(value);
    case ScalarType.DOUBLE:
      return (value) => (typeof value === "number" ? numberText(value) : fail(value));
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return (value) => longText(value) ?? fail(value);
    default:
      return (value) => (Number.isInteger(value) ? String(value) : fail(value));
  }
}

const longestPlain = 64;
const notPlain = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;

/** Writes a JSON string. Short plain text, which most is, is only looked at. */
export function quoteJson(text: string): string {
  return text.length > longestPlain || notPlain.test(text) ? JSON.stringify(text) : `"${text}"`;
}

// NaN and the infinities have no JSON number; the proto JSON mapping gives them names.
function numberText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  return `"${value}"`;
}

// 64-bit integers travel as strings, as JSON numbers of most languages hold 53 bits.
function longText(value: unknown): string | undefined {
  if (typeof value === "bigint") return `"${value}"`;
  if (typeof value === "number") return Number.isInteger(value) ? `"${BigInt(value)}"` : undefined;
  return typeof value === "string" && /^-?\d+$/.test(value) ? `"${value}"` : undefined;
}

function shown(value: unknown): string {
  return typeof value === "object" && value !== null
    ? "an object"
    : typeof value === "bigint"
      ? `${value}n`
      : (JSON.stringify(value) ?? String(value));
}
