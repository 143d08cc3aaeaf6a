import { create, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Everything, EverythingSchema, SomethingSchema } from "../testdata/everything_pb.ts";
import { everything } from "../testdata/random-everything.ts";
import { protoCodec } from "./index.ts";

interface Outcome {
  readonly message?: Message;
  readonly error?: string;
}

function outcome(read: () => Message): Outcome {
  try {
    return { message: read() };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** Reads with the codec and with the library, and compares. */
function expectSame<M extends Message>(
  schema: GenMessage<M>,
  bytes: Uint8Array,
  options: { readonly keepUnknown?: boolean; readonly maxDepth?: number } = {},
): Outcome {
  const { keepUnknown = true, maxDepth = 100 } = options;
  const reading = { readUnknownFields: keepUnknown, recursionLimit: maxDepth };
  const own = outcome(() => protoCodec(options).decoder(schema)(bytes));
  const library = outcome(() => fromBinary(schema, bytes, reading));
  if (library.error === undefined) expect(own).toStrictEqual(library);
  else expect(own.error).toContain(library.error);
  return own;
}

const encoded = everything.map((message) => toBinary(EverythingSchema, message));

describe("protoCodec()", () => {
  test("reads what the library reads, whatever the message", () => {
    fc.assert(
      fc.property(encoded, (bytes) => void expectSame(EverythingSchema, bytes)),
      { numRuns: 100 },
    );
  });

  test("reads bytes that are spoilt as the library does: the same message or the same error", () => {
    const spoilt = fc
      .tuple(encoded, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }))
      .map(([bytes, changes]) => {
        const copy = bytes.slice();
        for (const [at, byte] of changes) if (copy.length > 0) copy[at % copy.length] = byte;
        return copy;
      });
    fc.assert(
      fc.property(spoilt, (bytes) => void expectSame(EverythingSchema, bytes)),
      { numRuns: 300 },
    );
  });

  test("reads bytes that are cut as the library does", () => {
    fc.assert(
      fc.property(
        encoded,
        fc.nat(),
        (bytes, at) =>
          void expectSame(EverythingSchema, bytes.subarray(0, at % (bytes.length + 1))),
      ),
      { numRuns: 200 },
    );
  });

  test("puts two messages behind each other together as the library does", () => {
    fc.assert(
      fc.property(
        encoded,
        encoded,
        (first, second) => void expectSame(EverythingSchema, Buffer.concat([first, second])),
      ),
      { numRuns: 100 },
    );
  });

  test("keeps the fields it does not know, or drops them", () => {
    fc.assert(
      fc.property(
        encoded,
        fc.boolean(),
        (bytes, keepUnknown) => void expectSame(SomethingSchema, bytes, { keepUnknown }),
      ),
      { numRuns: 100 },
    );
  });

  test("reads messages nested as deep as it may, and no deeper", () => {
    let message: Everything = create(EverythingSchema);
    for (let depth = 1; depth < 5; depth += 1)
      message = create(EverythingSchema, { child: message });
    const bytes = toBinary(EverythingSchema, message);
    expect(expectSame(EverythingSchema, bytes, { maxDepth: 5 }).error).toBeUndefined();
    expect(expectSame(EverythingSchema, bytes, { maxDepth: 4 }).error).toMatch(/recursion depth/);
  });

  test.each([
    ["a text that is no UTF-8", [0x0a, 1, 0xff]],
    ["a text with U+FFFD", [0x0a, 3, 0xef, 0xbf, 0xbd]],
    ["a text with a byte order mark", [0x0a, 4, 0xef, 0xbb, 0xbf, 0x61]],
    ["a length beyond the end", [0x0a, 5, 0x61]],
    ["a length of 32 bits", [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ["a tag of 6 bytes", [0x8a, 0x80, 0x80, 0x80, 0x80, 0x00, 1, 0x61]],
    ["the field number 0", [0x02, 0]],
    ["a group", [0x0b, 0x0c]],
    ["an unknown group", [0xf3, 0x01, 0xf4, 0x01]],
    ["a wire type that is not the field's", [0x08, 1]],
    ["an unknown field beyond the end", [0xf9, 0x01, 1, 2]],
    ["a varint of 11 bytes", [0x30, ...Array<number>(10).fill(0xff), 1]],
    ["a bool of two bytes", [0x20, 0x80, 0x01]],
    ["a map entry without a value", [0xba, 0x01, 3, 0x0a, 1, 0x61]],
    ["a map entry with the value first", [0xba, 0x01, 6, 0x12, 1, 0x62, 0x0a, 1, 0x61]],
    ["a map key __proto__", [0xba, 0x01, 14, 0x0a, 9, ...Buffer.from("__proto__"), 0x12, 1, 0x61]],
    ["a message of which a part goes beyond it", [0xd2, 0x01, 2, 0x0a, 4, 1, 2, 3, 4]],
  ])("reads %s as the library does", (_name, bytes) => {
    expectSame(EverythingSchema, Uint8Array.from(bytes));
  });

  test("shares the bytes of a request with its fields, and is not confused by what it read before", () => {
    const decode = protoCodec().decoder(EverythingSchema);
    const first = toBinary(
      EverythingSchema,
      create(EverythingSchema, { bytes: Buffer.from("one") }),
    );
    const message = decode(first);
    expect(() => decode(Uint8Array.of(0x0a, 9))).toThrow(/premature EOF/);
    expect(decode(new Uint8Array(0))).toEqual(create(EverythingSchema));
    expect(Buffer.from(message.bytes).toString()).toBe("one");
    expect(message.bytes.buffer).toBe(first.buffer);
  });
});
