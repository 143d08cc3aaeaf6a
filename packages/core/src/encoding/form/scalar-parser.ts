import { ScalarType } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { DecodeError } from "../decode-error.ts";
import { parseGoFloat, parseGoFloat32 } from "./go-float.ts";
import { quoted } from "./query.ts";

/** Reads the text of a scalar; throws a DecodeError that names the rule. */
export type ScalarParser = (text: string) => unknown;

interface IntegerRange {
  readonly name: string;
  readonly min: bigint;
  readonly max: bigint;
}

const int32: IntegerRange = { name: "int32", min: -(2n ** 31n), max: 2n ** 31n - 1n };
const uint32: IntegerRange = { name: "uint32", min: 0n, max: 2n ** 32n - 1n };
const int64: IntegerRange = { name: "int64", min: -(2n ** 63n), max: 2n ** 63n - 1n };
const uint64: IntegerRange = { name: "uint64", min: 0n, max: 2n ** 64n - 1n };

/** Composes the reader of a scalar. `longAsString` is how fields with `jstype = JS_STRING` hold 64 bits. */
// ceiling: one case for each kind of scalar
export function scalarParser(scalar: ScalarType, longAsString = false): ScalarParser {
  switch (scalar) {
    case ScalarType.STRING:
      return (text) => text;
    case ScalarType.BOOL:
      return parseBool;
    case ScalarType.BYTES:
      return parseBytes;
    case ScalarType.DOUBLE:
      return parseGoFloat;
    case ScalarType.FLOAT:
      return parseGoFloat32;
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return (text) => Number(parseInteger(text, uint32));
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return (text) => Number(parseInteger(text, int32));
    default:
      return longParser(
        scalar === ScalarType.UINT64 || scalar === ScalarType.FIXED64 ? uint64 : int64,
        longAsString,
      );
  }
}

function longParser(range: IntegerRange, asString: boolean): ScalarParser {
  return asString
    ? (text) => String(parseInteger(text, range))
    : (text) => parseInteger(text, range);
}

const bools: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((text) => [text, false] as const),
]);

function parseBool(text: string): boolean {
  const value = bools.get(text);
  if (value === undefined) throw new DecodeError(`invalid bool: current value is ${quoted(text)}`);
  return value;
}

// Far more digits than fit, so that nobody can make BigInt work on megabytes.
const longestInteger = 64;

function parseInteger(text: string, range: IntegerRange): bigint {
  const isInteger = range.min < 0n ? /^[+-]?\d+$/ : /^\d+$/;
  if (!isInteger.test(text))
    throw new DecodeError(`invalid ${range.name}: current value is ${quoted(text)}`);
  const value =
    text.length > longestInteger ? undefined : BigInt(text.startsWith("+") ? text.slice(1) : text);
  if (value === undefined || value < range.min || value > range.max) {
    throw new DecodeError(`${range.name} out of range: current value is ${quoted(text)}`);
  }
  return value;
}

const base64 = /^[\w+/-]*={0,2}$/;

function parseBytes(text: string): Uint8Array {
  if (text.length % 4 !== 0 || !base64.test(text))
    throw new DecodeError(`illegal base64 data: current value is ${quoted(text)}`);
  return base64Decode(text);
}
