import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { create, createRegistry, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import { TimestampSchema, StructSchema, anyPack } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { DecodeError, createBodyDecoder, createBodyEncoder } from "../index.ts";
import { AccountSchema } from "../form/testdata/form_pb.js";
import { jsonCodec } from "./index.ts";
import vectors from "./testdata/json-codec.json" with { type: "json" };
import { Kind, NumbersSchema, ParcelSchema, PersonSchema } from "./testdata/person_pb.js";

const utf8 = new TextEncoder();
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const codec = jsonCodec();

function written<D extends DescMessage>(
  schema: D,
  init: MessageInitShape<D>,
  options = {},
): unknown {
  return JSON.parse(textOf(jsonCodec(options).encoder(schema)(create(schema, init))));
}

function read<D extends DescMessage>(schema: D, text: string, options = {}) {
  return jsonCodec(options).decoder(schema)(utf8.encode(text));
}

// Both names carry proto JSON here, so that clients of v2 and of v3 get what they were generated for.
const differences: Readonly<Record<string, string>> = {
  "v3 plain json marshal of a protobuf struct":
    "the json codec keeps protobuf JSON for messages in both versions",
  "v2 empty input is an error": "an empty body reads as the empty message, as in v3",
};

describe("json vectors", () => {
  for (const { name, input, expected } of vectors.cases) {
    // skip: a case that is judged another way; its reason stands in the list
    it.skipIf(name in differences)(`json-codec: ${name}`, () => {
      if (input.op === "marshal") {
        const message = fromJson(PersonSchema, input.message ?? {});
        expect(JSON.parse(textOf(codec.encoder(PersonSchema)(message)))).toEqual(expected.json);
      } else {
        expect(toJson(PersonSchema, read(PersonSchema, input.json ?? ""))).toEqual(
          expected.message,
        );
      }
    });
  }

  it("every listed difference names a vector", () => {
    const names = vectors.cases.map(({ name }) => name);
    for (const name of Object.keys(differences)) expect(names).toContain(name);
  });
});

describe("jsonCodec() writing", () => {
  it("jsonCodec() writes null for unset messages and nothing for unset optional fields and oneof members", () => {
    expect(written(ParcelSchema, {})).toEqual({
      inner: null,
      kindOf: "NONE",
      any: null,
      sentAt: null,
      people: {},
      ratio: 0,
      weight: 0,
      data: "",
      parts: [],
      extra: null,
      total: "0",
    });
  });

  it("jsonCodec() writes members in the order they are declared", () => {
    const text = textOf(codec.encoder(PersonSchema)(create(PersonSchema, { name: "a" })));
    expect(text).toBe('{"id":"0","name":"a","hobby":[],"attrs":{}}');
  });

  it("jsonCodec() with emitDefaults off writes what is populated only", () => {
    expect(
      written(
        ParcelSchema,
        { note: "", parts: [{}], kindOf: Kind.NONE, total: 1n },
        { emitDefaults: false },
      ),
    ).toEqual({ note: "", parts: [{}], total: "1" });
  });

  it("jsonCodec() writes proto names and enum numbers when told to", () => {
    expect(
      written(
        ParcelSchema,
        { kindOf: Kind.SOME },
        { protoNames: true, enumAsNumber: true, emitDefaults: false },
      ),
    ).toEqual({ kind_of: 1 });
  });

  it("jsonCodec() writes an enum value the schema does not know as its number", () => {
    const parcel = fromBinary(ParcelSchema, new Uint8Array([0x28, 0x07]));
    const text = textOf(jsonCodec({ emitDefaults: false }).encoder(ParcelSchema)(parcel));
    expect(text).toBe('{"kindOf":7}');
  });

  it("jsonCodec() writes a float32 with its own digits, also after the binary form", () => {
    const message = fromBinary(
      ParcelSchema,
      toBinary(ParcelSchema, create(ParcelSchema, { ratio: 11.23 })),
    );
    expect(message.ratio).not.toBe(11.23);
    expect(textOf(jsonCodec({ emitDefaults: false }).encoder(ParcelSchema)(message))).toBe(
      '{"ratio":11.23}',
    );
  });

  it("jsonCodec() names NaN and the infinities", () => {
    expect(
      written(
        ParcelSchema,
        { ratio: Number.NaN, weight: Number.NEGATIVE_INFINITY },
        { emitDefaults: false },
      ),
    ).toEqual({ ratio: "NaN", weight: "-Infinity" });
  });

  it("jsonCodec() writes an Any beside its type when the registry knows it", () => {
    const registry = createRegistry(PersonSchema, TimestampSchema, StructSchema);
    const options = { registry, emitDefaults: false };
    const person = anyPack(PersonSchema, create(PersonSchema, { id: 7n }));
    expect(written(ParcelSchema, { any: person }, options)).toEqual({
      any: { "@type": "type.googleapis.com/kratosts.vectors.json.Person", id: "7" },
    });
    const time = anyPack(TimestampSchema, create(TimestampSchema, { seconds: 1n }));
    expect(written(ParcelSchema, { any: time }, options)).toEqual({
      any: {
        "@type": "type.googleapis.com/google.protobuf.Timestamp",
        value: "1970-01-01T00:00:01Z",
      },
    });
    expect(() => written(ParcelSchema, { any: person })).toThrow(/must be in the codec's registry/);
  });

  it("jsonCodec() agrees with the reference writer on every kind of field", () => {
    const message = fromJson(AccountSchema, everything);
    const ours = JSON.parse(
      textOf(jsonCodec({ emitDefaults: false }).encoder(AccountSchema)(message)),
    );
    expect(ours).toEqual(toJson(AccountSchema, message));
  });

  it("jsonCodec() refuses values of a wrong type, naming the field", () => {
    const person = create(PersonSchema);
    Object.assign(person, { name: 5 });
    expect(() => codec.encoder(PersonSchema)(person)).toThrow(
      'Cannot encode field "kratosts.vectors.json.Person.name" as JSON',
    );
    expect(() => codec.encoder(PersonSchema)({ name: "a" } as never)).toThrow(TypeError);
  });
});

describe("jsonCodec() reading", () => {
  it("jsonCodec() leaves null members out of a oneof", () => {
    const other = { case: "email", value: "x" };
    for (const text of ['{"ref":null,"email":"x"}', '{"email":"x","ref":null,"phone":null}'])
      expect(read(AccountSchema, text).contact).toEqual(other);
    const parts = '{"parts":[{"person":null,"text":"t"}]}';
    expect(read(ParcelSchema, parts).parts[0]?.payload).toEqual({ case: "text", value: "t" });
    expect(() => read(AccountSchema, '{"email":"x","phone":"y","ref":null}')).toThrow("oneof");
  });

  it("jsonCodec() keeps null where it is a value", () => {
    const text = '{"extra":{"fields":{"a":{"structValue":null}}},"note":null}';
    expect(read(ParcelSchema, text)).toMatchObject({
      extra: { fields: { a: { structValue: null } } },
    });
    expect(read(AccountSchema, '{"anyValue":null}').anyValue?.kind.case).toBe("nullValue");
  });

  it.each([
    "2022-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2022-02-30T00:00:00.5Z",
    "2022-04-31T00:00:00+08:00",
    "2022-01-02T24:00:00Z",
  ])("jsonCodec() refuses %s, a time no calendar has", (time) => {
    const refuses = (schema: DescMessage, text: string) =>
      expect(() => read(schema, text)).toThrow(DecodeError);
    refuses(AccountSchema, `{"createdAt":"${time}"}`);
    refuses(AccountSchema, `{"times":["${time}"]}`);
    refuses(ParcelSchema, `{"parts":[{"sentAt":"${time}"}]}`);
  });

  it("jsonCodec() reads the last day of a month, and text that only looks like one of none", () => {
    expect(read(AccountSchema, '{"createdAt":"2024-02-29T00:00:00Z"}').createdAt?.seconds).toBe(
      1_709_164_800n,
    );
    expect(read(AccountSchema, '{"nickName":"2022-02-30T24:00:00Z"}').aliasName).toBe(
      "2022-02-30T24:00:00Z",
    );
  });

  it("jsonCodec() reads JSON names and proto names", () => {
    expect(read(ParcelSchema, '{"kind_of":"SOME","sentAt":"1970-01-01T00:00:01Z"}')).toMatchObject({
      kindOf: 1,
      sentAt: { seconds: 1n },
    });
  });

  it("jsonCodec() skips unknown members, or refuses them when told to", () => {
    expect(read(PersonSchema, '{"nope":{"deep":[1]},"id":3}').id).toBe(3n);
    expect(() => read(PersonSchema, '{"nope":1}', { ignoreUnknown: false })).toThrow(DecodeError);
  });

  it("jsonCodec() keeps every digit of 64-bit integers written as numbers", () => {
    const text =
      '{"signed":-9223372036854775808,"unsigned":18446744073709551615,"text":"12345678901234567890 \\" 12345678901234567890","real":1.2345678901234567890e5,"many":[9007199254740993,1]}';
    const { signed, unsigned, text: kept, real, many } = read(NumbersSchema, text);
    expect([signed, unsigned, kept, real, many]).toEqual([
      -9223372036854775808n,
      18446744073709551615n,
      '12345678901234567890 " 12345678901234567890',
      123456.78901234567,
      [9007199254740993n, 1n],
    ]);
  });

  it("jsonCodec() keeps every digit of 64-bit integers beside values of no declared type", () => {
    const text =
      '{"total":18446744073709551615,"person":{"id":9007199254740993},"people":{"a":{"id":-9007199254740993}},' +
      '"parts":[{"total":9007199254740993}],"inner":{"owner":{"id":9223372036854775807}},"extra":{"n":9007199254740993,"s":[12345678901234567890]}}';
    const { total, payload, people, parts, inner, extra } = read(ParcelSchema, text);
    expect(total).toBe(18446744073709551615n);
    expect(payload.value).toMatchObject({ id: 9007199254740993n });
    expect(people["a"]?.id).toBe(-9007199254740993n);
    expect(parts[0]?.total).toBe(9007199254740993n);
    expect(inner?.owner?.id).toBe(9223372036854775807n);
    expect(extra).toEqual({ n: 9007199254740992, s: [12345678901234567000] });
  });

  it("jsonCodec() refuses long integers where a text is asked for", () => {
    expect(() => read(PersonSchema, '{"name":12345678901234567890}')).toThrow(DecodeError);
  });

  it("jsonCodec() refuses what nests too deep beside long integers", () => {
    const text = `${'{"inner":'.repeat(20_000)}{"total":12345678901234567}${"}".repeat(20_000)}`;
    expect(() => read(ParcelSchema, text)).toThrow(DecodeError);
  });

  it.each([
    ["not JSON", "{bad"],
    ["a number out of range", '{"id":9223372036854775808}'],
    ["a leading zero", '{"id":01234567890123456789}'],
    ["a number no double holds", '{"id":1e400}'],
    ["a value of another type", '{"name":5}'],
    ["a list instead of a message", "[]"],
    ["null", "null"],
    ["a lone surrogate", '{"name":"\\ud800"}'],
  ])("jsonCodec() refuses %s with a DecodeError", (_what, text) => {
    expect(() => read(PersonSchema, text)).toThrow(DecodeError);
  });

  it("jsonCodec() says what is wrong with a very long value without repeating all of it", () => {
    const refused = () => read(PersonSchema, `{"id":"${"1".repeat(100_000)}"}`);
    expect(refused).toThrow(/Person\.id.{1,500}out of range$/);
  });

  it("jsonCodec() names the field in its errors", () => {
    expect(() => read(PersonSchema, '{"id":"x"}')).toThrow("kratosts.vectors.json.Person.id");
  });

  it("jsonCodec() refuses bytes that are not UTF-8", () => {
    const bytes = new Uint8Array([...utf8.encode('{"name":"'), 0xff, ...utf8.encode('"}')]);
    expect(() => codec.decoder(PersonSchema)(bytes)).toThrow("invalid UTF-8");
    expect(() => codec.decodeValue?.(bytes)).toThrow(DecodeError);
  });

  it("jsonCodec() refuses messages and free values that nest deeper than its limit", () => {
    const nested = (levels: number): string =>
      '{"inner":'.repeat(levels) + "{}" + "}".repeat(levels);
    expect(() => read(ParcelSchema, nested(99))).not.toThrow();
    expect(() => read(ParcelSchema, nested(100))).toThrow(DecodeError);
    expect(() => read(ParcelSchema, nested(5), { maxDepth: 5 })).toThrow(DecodeError);
    expect(() =>
      read(ParcelSchema, `{"extra":{"a":${"[".repeat(200)}${"]".repeat(200)}}}`),
    ).toThrow(DecodeError);
    expect(() => read(ParcelSchema, nested(200_000))).toThrow(DecodeError);
    expect(read(ParcelSchema, `{"nope":${"[".repeat(5000)}${"]".repeat(5000)}}`)).toEqual(
      create(ParcelSchema),
    );
  });

  it("jsonCodec() keeps __proto__ as data in maps and in free values", () => {
    const parcel = read(
      ParcelSchema,
      '{"people":{"__proto__":{"name":"a"}},"extra":{"__proto__":{"polluted":true}}}',
    );
    expect(Object.keys(parcel.people)).toEqual(["__proto__"]);
    expect(Object.hasOwn(parcel.extra ?? {}, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(parcel.people)).toBe(Object.prototype);
    expect({}).not.toHaveProperty("polluted");
    expect(textOf(jsonCodec({ emitDefaults: false }).encoder(ParcelSchema)(parcel))).toBe(
      '{"people":{"__proto__":{"name":"a"}},"extra":{"__proto__":{"polluted":true}}}',
    );
  });
});

describe("jsonCodec() on bodies that are one field", () => {
  it.each([
    ["attrs" as const, { attrs: { a: "b" } }, '{"a":"b"}'],
    ["hobby" as const, { hobby: ["x", "y"] }, '["x","y"]'],
    ["id" as const, { id: 7n }, '"7"'],
  ])("createBodyEncoder() and createBodyDecoder() carry %s alone", (name, init, text) => {
    const shape = { schema: PersonSchema, field: PersonSchema.field[name] };
    const message = create(PersonSchema, init);
    expect(textOf(createBodyEncoder(codec, shape)(message))).toBe(text);
    expect(createBodyDecoder(codec, shape)(utf8.encode(text))).toEqual(message);
  });

  it("createBodyEncoder() writes null for an unset message, which reads as unset", () => {
    const shape = { schema: ParcelSchema, field: ParcelSchema.field["inner"] };
    expect(textOf(createBodyEncoder(codec, shape)(create(ParcelSchema)))).toBe("null");
    expect(createBodyDecoder(codec, shape)(utf8.encode("null"))).toEqual(create(ParcelSchema));
  });

  it("createBodyEncoder() carries a member of a oneof", () => {
    const shape = { schema: ParcelSchema, field: ParcelSchema.field["text"] };
    const message = create(ParcelSchema, { payload: { case: "text", value: "hi" } });
    expect(textOf(createBodyEncoder(codec, shape)(message))).toBe('"hi"');
    expect(createBodyDecoder(codec, shape)(utf8.encode('"hi"'))).toEqual(message);
  });
});

describe("jsonCodec() on plain values", () => {
  it("encodeValue() and decodeValue() carry plain JSON", () => {
    const value = { a: [1, "2", null, { b: true }] };
    expect(codec.decodeValue?.(codec.encodeValue?.(value) ?? new Uint8Array())).toEqual(value);
    expect(textOf(codec.encodeValue?.(undefined) ?? new Uint8Array())).toBe("null");
  });

  it("decodeValue() drops keys that reach prototypes", () => {
    const value = codec.decodeValue?.(
      utf8.encode('{"a":{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}},"b":1}}'),
    );
    expect(Object.assign({}, value)).toEqual({ a: { b: 1 } });
  });

  it("decodeValue() refuses deep nesting and bad JSON", () => {
    expect(() => codec.decodeValue?.(utf8.encode("[".repeat(101) + "]".repeat(101)))).toThrow(
      "nests too deep",
    );
    expect(codec.decodeValue?.(utf8.encode("[".repeat(100) + "]".repeat(100)))).toBeDefined();
    expect(() => codec.decodeValue?.(utf8.encode("{"))).toThrow(DecodeError);
  });
});

const everything = {
  id: "-1",
  nickName: 'quote " and \u2028 \ud83d\ude00',
  main_profile: { heading: "h", rank: 2, notes: { k: "v" }, extra: { a: [1, null, { b: false }] } },
  tags: ["", "b"],
  active: true,
  color: "DARK_BLUE",
  age: -5,
  level: 4294967295,
  total: "18446744073709551615",
  ratio: 0.1,
  score: -1e300,
  payload: "+/8=",
  createdAt: "2022-01-02T03:04:05.000000006Z",
  ttl: "-1.500s",
  mask: "userId,name",
  wDouble: 0,
  wFloat: 1.5,
  wInt64: "64",
  wInt32: 32,
  wUint64: "1",
  wUint32: 0,
  wBool: false,
  wString: "",
  wBytes: "MTIz",
  labels: { a: "b", __proto__: "x" },
  slots: { "-1": "minus", "2": "two" },
  profiles: [{ heading: "x" }, {}],
  optNum: 0,
  optText: "",
  ref: { rank: 1 },
  attrs: { n: null, s: "t" },
  attrList: [{ a: 1 }, {}],
  anyValue: [1, { x: "y" }],
  numbers: [0, -1],
  colors: ["RED", "GREEN"],
  times: ["1970-01-01T00:00:00Z"],
  counters: { z: 0 },
  delta: -3,
  big: "1",
};
