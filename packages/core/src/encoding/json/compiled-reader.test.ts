import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { EverythingSchema } from "../testdata/everything_pb.ts";
import { everything } from "../testdata/random-everything.ts";
import { jsonCodec } from "./index.ts";
import { prepareJson } from "./prepare-json.ts";

const decode = jsonCodec().decoder(EverythingSchema);

function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return (error as Error).message;
  }
}

function bothRead(text: string): void {
  const json = JSON.parse(text) as JsonValue; // just written
  const options = { ignoreUnknownFields: true };
  expect(outcome(() => decode(Buffer.from(text)))).toStrictEqual(
    outcome(() => {
      prepareJson(EverythingSchema, json, 100);
      return fromJson(EverythingSchema, json, options);
    }),
  );
}

test("jsonCodec() reads what the library reads, whatever the message", () => {
  fc.assert(
    fc.property(everything, (message) => {
      bothRead(JSON.stringify(toJson(EverythingSchema, message)));
    }),
    { numRuns: 60 },
  );
});

const names = EverythingSchema.fields.flatMap(({ name, jsonName }) => [name, jsonName]);
const member = fc.constantFrom(...names, "unknown", "[an.extension]", "__proto__", "constructor");
const numbers = [1, -1, 1.5, 2 ** 31, 2 ** 40, 1e300];
const numerals = ["1", "-0", "0x1", " 1", "1e2", "007", "18446744073709551615", "1.5s", "NaN"];
const texts = ["", "COLOR_RED", "COLOR_NONE", "\ud800", "YQ==", "YQ", "_-8=", "Y"];
const times = [
  "2026-02-29T00:00:00Z",
  "2024-02-29T23:59:59.5Z",
  "2026-01-01T00:00:00+01:00",
  "0000-01-01T00:00:00Z",
  "2026-01-01T24:00:00Z",
];
const lists = [[], [null], [1, "2"], ["a"], [{ text: "a" }, {}], [{ texts: ["a", 1] }]];
const objects = [
  {},
  { a: null },
  { a: { text: "b" } },
  { text: "a", child: { child: { text: 1 } } },
];
const all = [null, true, ...numbers, ...numerals, ...texts, ...times, ...lists, ...objects];
const odd = fc.constantFrom<JsonValue>(...all);

test("jsonCodec() reads or refuses as the library does, whatever stands where", () => {
  fc.assert(
    fc.property(fc.dictionary(member, odd, { maxKeys: 4 }), (json) =>
      bothRead(JSON.stringify(json)),
    ),
    { numRuns: 4000 },
  );
});

test("jsonCodec() counts the depth of messages, also where it compiles its readers", () => {
  const shallow = jsonCodec({ maxDepth: 3 }).decoder(EverythingSchema);
  const nested = (depth: number): string => (depth === 1 ? "{}" : `{"child":${nested(depth - 1)}}`);
  expect(outcome(() => shallow(Buffer.from(nested(3))))).toBeTypeOf("object");
  expect(outcome(() => shallow(Buffer.from(nested(4))))).toMatch(/depth of 3 reached/);
  expect(outcome(() => shallow(Buffer.from('{"child":{"children":[{"time":null}]}}')))).toBeTypeOf(
    "object",
  );
  const time = '{"child":{"children":[{"time":"2026-01-01T00:00:00Z"}]}}';
  expect(outcome(() => shallow(Buffer.from(time)))).toMatch(/depth of 3 reached/);
});

test("jsonCodec() refuses members it does not know when it is told to", () => {
  const strict = jsonCodec({ ignoreUnknown: false }).decoder(EverythingSchema);
  expect(outcome(() => strict(Buffer.from('{"text":"a","no":1}')))).toMatch(/"no" is unknown/);
  expect(outcome(() => strict(Buffer.from('{"optional_text":"a"}')))).toMatchObject({
    optionalText: "a",
  });
});
