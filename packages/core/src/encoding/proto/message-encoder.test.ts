import { create, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { protoCodec } from "./index.ts";
import { type Everything, EverythingSchema, SomethingSchema } from "./testdata/everything_pb.ts";

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
const text = fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: "binary", maxLength: 50 }));

// Nested messages two deep.
const everything = messages(messages(messages(undefined)));

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
        time: fc.record({ seconds: int64, nanos: int32 }),
      },
      { requiredKeys: [] },
    )
    .map((fields) => create(EverythingSchema, fields));
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

test("protoCodec() writes what the library writes, whatever the message", () => {
  const encode = protoCodec().encoder(EverythingSchema);
  fc.assert(
    fc.property(everything, (message) => {
      expect(Buffer.from(encode(message))).toEqual(
        Buffer.from(toBinary(EverythingSchema, message)),
      );
    }),
    { numRuns: 60 },
  );
});

test("protoCodec() leaves the bytes free that a frame asks for", () => {
  const message = create(EverythingSchema, { text: "framed", child: { text: "x".repeat(200) } });
  const headed = protoCodec().headedEncoder?.(EverythingSchema)(message, 5);
  expect(Buffer.from(headed?.subarray(5) ?? [])).toEqual(
    Buffer.from(toBinary(EverythingSchema, message)),
  );
});

test("protoCodec() writes the fields it does not know again, or drops them", () => {
  const all = create(EverythingSchema, { text: "kept", numbers: [1, 2], int64: 7n });
  const known = fromBinary(SomethingSchema, toBinary(EverythingSchema, all));
  const kept = protoCodec().encoder(SomethingSchema)(known);
  expect(fromBinary(EverythingSchema, kept)).toEqual(all);
  const dropped = protoCodec({ keepUnknown: false }).encoder(SomethingSchema)(known);
  expect(fromBinary(EverythingSchema, dropped)).toEqual(create(EverythingSchema, { text: "kept" }));
});

test("protoCodec() writes messages that hold free values as the library does", () => {
  const message = create(StructSchema, {
    fields: { a: { kind: { case: "numberValue", value: 1 } } },
  });
  const bytes = protoCodec().encoder(StructSchema)(message);
  expect(Buffer.from(bytes)).toEqual(Buffer.from(toBinary(StructSchema, message)));
});

test.each([
  ["int32", 1.5],
  ["int32", 2 ** 31],
  ["uint32", -1],
  ["int64", 2n ** 63n],
  ["uint64", -1n],
  ["float", 1e39],
  ["bytes", "text"],
  ["child", { $typeName: "other.Type" }],
])("protoCodec() refuses a message whose %s is %s, as the library does", (field, value) => {
  const message = create(EverythingSchema) as Message;
  Object.assign(message, { [field]: value });
  const encode = protoCodec().encoder(EverythingSchema);
  expect(() => encode(message as Everything)).toThrow();
  // The next message is not touched by the one that failed.
  expect(encode(create(EverythingSchema, { text: "a" }))).toEqual(Buffer.from([0x0a, 1, 0x61]));
});
