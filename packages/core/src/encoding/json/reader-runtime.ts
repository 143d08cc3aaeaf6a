import { type DescEnum, type DescMessage, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { type Fields, setOwn } from "../field-access.ts";
import { unusual } from "../unusual.ts";
import { base64Bytes } from "./base64.ts";
import { readTimestamp } from "./timestamp-text.ts";

const largestFloat = 3.4028234663852886e38;
// 18 digits always fit 64 bits, 15 always fit a number.
const mostDigits = 18;
const plainDigits = 15;

/** What compiled readers call: each makes a field's value of a JSON value, or throws `unusual`. */
export const readerRuntime = {
  fail: (): never => bail(),
  set: (map: Fields, key: string, value: unknown): void => setOwn(map, key, value),
  text: (value: unknown): string => (typeof value === "string" ? value : bail()),
  bool: (value: unknown): boolean => (typeof value === "boolean" ? value : bail()),
  bytes: (value: unknown): Uint8Array =>
    (typeof value === "string" ? base64Bytes(value) : undefined) ?? bail(),
  float: (value: unknown): number =>
    typeof value === "number" && Math.abs(value) <= largestFloat ? value : bail(),
  double: (value: unknown): number =>
    typeof value === "number" && Number.isFinite(value) ? value : bail(),
  int: (value: unknown): number =>
    typeof value === "number" && (value | 0) === value ? value : bail(),
  uint: (value: unknown): number =>
    typeof value === "number" && value >>> 0 === value ? value : bail(),
  long: (value: unknown): bigint => readLong(value, true),
  ulong: (value: unknown): bigint => readLong(value, false),
  enum: (numbers: ReadonlyMap<unknown, number>, value: unknown): number =>
    numbers.get(value) ?? bail(),
  timestamp(value: unknown): object {
    const time = typeof value === "string" ? readTimestamp(value) : undefined;
    if (time === undefined) return bail();
    return { $typeName: "google.protobuf.Timestamp", seconds: time.seconds, nanos: time.nanos };
  },
  leaf: (schema: DescMessage, value: JsonValue): object => fromJson(schema, value),
};

/** The numbers of an enum by what may stand for them in JSON. */
export function enumNumbers(schema: DescEnum): ReadonlyMap<unknown, number> {
  const numbers = new Map<unknown, number>();
  for (const { name, jsonName, number } of schema.values) {
    numbers.set(jsonName, number).set(number, number);
    if (!numbers.has(name)) numbers.set(name, number);
  }
  return numbers;
}

function readLong(value: unknown, signed: boolean): bigint {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && (signed || value >= 0) ? BigInt(value) : bail();
  }
  if (typeof value !== "string" || !isPlainInteger(value, signed)) return bail();
  return BigInt(value.length <= plainDigits ? Number(value) : value);
}

function isPlainInteger(text: string, signed: boolean): boolean {
  const first = signed && text.charCodeAt(0) === 0x2d ? 1 : 0;
  if (text.length === first || text.length > mostDigits) return false;
  for (let index = first; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

function bail(): never {
  throw unusual;
}
