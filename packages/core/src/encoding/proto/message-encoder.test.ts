import { create, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { everything } from "../testdata/random-everything.ts";
import { protoCodec } from "./index.ts";
import { type Everything, EverythingSchema, SomethingSchema } from "../testdata/everything_pb.ts";

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
  expect(() => encode(message as Everything)).toThrow(/Everything|other\.Type/);
  // The next message is not touched by the one that failed.
  expect(encode(create(EverythingSchema, { text: "a" }))).toEqual(Buffer.from([0x0a, 1, 0x61]));
});
