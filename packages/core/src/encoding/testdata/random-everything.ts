import { create, type MessageInitShape } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { type Everything, EverythingSchema } from "./everything_pb.ts";

const int32 = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(0, 127, 128, 16_383, 16_384),
);
const uint32 = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 2 ** 28));
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -70_000n, max: 70_000n }),
);
const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.integer({ min: 0, max: 63 }).map((bits) => 1n << BigInt(bits)),
);
// From the year 1 to the year 9999, as JSON has no others.
const seconds = fc.bigInt({ min: -62_135_596_800n, max: 253_402_300_799n });
const text = fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: "binary", maxLength: 50 }));

/** Messages of every type of field, nested two deep. */
export const everything: fc.Arbitrary<Everything> = messages(messages(messages(undefined)));

function messages(inner: fc.Arbitrary<Everything> | undefined): fc.Arbitrary<Everything> {
  const nested = inner === undefined ? {} : nesting(inner);
  return fc
    .record(
      {
        text,
        bytes: fc.uint8Array({ maxLength: 300 }),
        bool: fc.boolean(),
        float: fc.float(),
        double: fc.double(),
        int32,
        uint32,
        sint32: int32,
        fixed32: uint32,
        sfixed32: int32,
        int64,
        uint64,
        sint64: int64,
        fixed64: uint64,
        sfixed64: int64,
        color: fc.constantFrom(0, 1, -1, 77),
        optionalText: text,
        optionalInt32: int32,
        texts: fc.array(text, { maxLength: 4 }),
        numbers: fc.array(int32, { maxLength: 40 }),
        longs: fc.array(int64, { maxLength: 4 }),
        unpacked: fc.array(int32, { maxLength: 4 }),
        labels: fc.dictionary(text, text, { maxKeys: 4 }),
        ...nested,
        time: fc.record({ seconds, nanos: fc.integer({ min: 0, max: 999_999_999 }) }),
      },
      { requiredKeys: [] },
    )
    .map((fields) => create(EverythingSchema, fields as MessageInitShape<typeof EverythingSchema>)); // absent, not undefined
}

function nesting(inner: fc.Arbitrary<Everything>) {
  return {
    children: fc.array(inner, { maxLength: 1 }),
    byName: fc.dictionary(text, inner, { maxKeys: 1 }),
    child: inner,
    choice: fc.oneof(
      text.map((value) => ({ case: "chosenText" as const, value })),
      int64.map((value) => ({ case: "chosenLong" as const, value })),
      inner.map((value) => ({ case: "chosenChild" as const, value })),
    ),
  };
}

