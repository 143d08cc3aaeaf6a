import { ScalarType } from "@bufbuild/protobuf";
import { unusual } from "../unusual.ts";
import { utf8Size, varint64Size, varintSize, type WireWriter } from "./wire-writer.ts";

/** Measures and writes a value without its tag. Both throw `unusual` at a value of another type. */
export interface ValueCoder {
  readonly wireType: 0 | 1 | 2 | 5;
  size(value: unknown, writer: WireWriter): number;
  write(value: unknown, writer: WireWriter): void;
}

const largestFloat = 3.4028234663852886e38;

const text: ValueCoder = {
  wireType: 2,
  size: (value, writer) =>
    typeof value === "string" ? writer.noteLength(utf8Size(value)) : bail(),
  write: (value, writer) => writer.text(value as string, writer.length()), // measured before
};

const bytes: ValueCoder = {
  wireType: 2,
  size: (value, writer) => (value instanceof Uint8Array ? writer.noteLength(value.length) : bail()),
  write(value, writer) {
    writer.length();
    writer.raw(value as Uint8Array); // measured before
  },
};

const bool: ValueCoder = {
  wireType: 0,
  size: (value) => (typeof value === "boolean" ? 1 : bail()),
  write: (value, writer) => writer.varint(value === true ? 1 : 0),
};

const float: ValueCoder = {
  wireType: 5,
  size: (value) =>
    typeof value === "number" && !(Math.abs(value) > largestFloat && Number.isFinite(value))
      ? 4
      : bail(),
  write: (value, writer) => writer.float(value as number), // measured before
};

const double: ValueCoder = {
  wireType: 1,
  size: (value) => (typeof value === "number" ? 8 : bail()),
  write: (value, writer) => writer.double(value as number), // measured before
};

/** int32 and enums: a negative number is written with all its 64 bits. */
export const int32: ValueCoder = {
  wireType: 0,
  size: (value) => (int(value) < 0 ? 10 : varintSize(int(value))),
  write(value, writer) {
    const number = int(value);
    if (number < 0) writer.varint64(BigInt(number));
    else writer.varint(number);
  },
};

const uint32: ValueCoder = {
  wireType: 0,
  size: (value) => varintSize(uint(value)),
  write: (value, writer) => writer.varint(uint(value)),
};

const sint32: ValueCoder = {
  wireType: 0,
  size: (value) => varintSize(zigzag(int(value))),
  write: (value, writer) => writer.varint(zigzag(int(value))),
};

const fixed32: ValueCoder = {
  wireType: 5,
  size: (value) => (uint(value) >= 0 ? 4 : bail()),
  write: (value, writer) => writer.fixed32(uint(value)),
};

const sfixed32: ValueCoder = {
  wireType: 5,
  size: (value) => (int(value) <= 0x7fff_ffff ? 4 : bail()),
  write: (value, writer) => writer.fixed32(int(value)),
};

function varint64(check: (value: unknown) => bigint): ValueCoder {
  return {
    wireType: 0,
    size: (value) => varint64Size(check(value)),
    write: (value, writer) => writer.varint64(check(value)),
  };
}

function fixed64(check: (value: unknown) => bigint): ValueCoder {
  return {
    wireType: 1,
    size: (value) => (check(value) === value ? 8 : bail()),
    write: (value, writer) => writer.fixed64(check(value)),
  };
}

const coders: Readonly<Record<ScalarType, ValueCoder>> = {
  [ScalarType.STRING]: text,
  [ScalarType.BYTES]: bytes,
  [ScalarType.BOOL]: bool,
  [ScalarType.FLOAT]: float,
  [ScalarType.DOUBLE]: double,
  [ScalarType.INT32]: int32,
  [ScalarType.UINT32]: uint32,
  [ScalarType.SINT32]: sint32,
  [ScalarType.FIXED32]: fixed32,
  [ScalarType.SFIXED32]: sfixed32,
  [ScalarType.INT64]: varint64(long),
  [ScalarType.UINT64]: varint64(ulong),
  [ScalarType.SINT64]: varint64((value) => zigzag64(long(value))),
  [ScalarType.FIXED64]: fixed64(ulong),
  [ScalarType.SFIXED64]: fixed64(long),
};

/** The coder of a scalar type. */
export function scalarCoder(scalar: ScalarType): ValueCoder {
  return coders[scalar];
}

function int(value: unknown): number {
  return typeof value === "number" && (value | 0) === value ? value : bail();
}

function uint(value: unknown): number {
  return typeof value === "number" && value >>> 0 === value ? value : bail();
}

function long(value: unknown): bigint {
  return typeof value === "bigint" && BigInt.asIntN(64, value) === value ? value : bail();
}

function ulong(value: unknown): bigint {
  return typeof value === "bigint" && BigInt.asUintN(64, value) === value ? value : bail();
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function zigzag64(value: bigint): bigint {
  return (value << 1n) ^ (value >> 63n);
}

function bail(): never {
  throw unusual;
}
