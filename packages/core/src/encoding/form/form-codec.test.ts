import { create, fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../index.ts";
import {
  createFormReader,
  escapeQuery,
  formCodec,
  formatGoDuration,
  formatGoFloat,
  formatGoFloat32,
  formatInstant,
  parseGoDuration,
  parseInstant,
  parseQuery,
} from "./index.ts";
import { AccountSchema } from "./testdata/form_pb.js";
import { ChoiceSchema } from "./testdata/http_form_pb.js";

const utf8 = new TextEncoder();
const codec = formCodec();
const read = (query: string) => codec.decoder(AccountSchema)(utf8.encode(query));
const write = (init: Parameters<typeof create<typeof AccountSchema>>[1]): string =>
  new TextDecoder().decode(codec.encoder(AccountSchema)(create(AccountSchema, init)));

describe("formCodec() reading", () => {
  it("formCodec() fills a Struct by key, always with text", () => {
    expect(read("attrs.age=1&attrs.name=x").attrs).toEqual({ age: "1", name: "x" });
  });

  it("formCodec() fills a Struct of a oneof member by member", () => {
    const choose = (query: string) => codec.decoder(ChoiceSchema)(utf8.encode(query)).chosen;
    expect(choose("data.a=1&data.b=2")).toEqual({ case: "data", value: { a: "1", b: "2" } });
    expect(() => choose("text=x&data.a=1")).toThrow('field already set for oneof "chosen"');
  });

  it("formCodec() walks into a Value", () => {
    expect(read("anyValue.numberValue=1.5").anyValue).toEqual(
      create(ValueSchema, { kind: { case: "numberValue", value: 1.5 } }),
    );
  });

  it("formCodec() takes a wrapper by its name and by the name of its value", () => {
    const wrapped = create(AccountSchema, { wInt64: -1n, wString: "x", wBool: false });
    expect(read("wInt64=-1&w_string=x&wBool=false")).toEqual(wrapped);
    expect(read("wInt64.value=-1&w_string.value=x&wBool.value=false")).toEqual(wrapped);
    expect(read("wInt64.other=1")).toEqual(create(AccountSchema));
    expect(() => read("wInt64.value.x=1")).toThrow('"w_int64" is not a message');
  });

  it.each([
    ["a map key without its bracket", "labels[k=x&profile.notes[k=x"],
    ["text after a map key", "labels[k]x=1"],
    ["a list index without its bracket", "tags[0=a"],
    ["brackets of two levels", "tags[0][1]=a&profiles[0][title]=x&id[a][b]=1"],
  ])("formCodec() ignores a key with %s", (_what, query) => {
    expect(read(query)).toEqual(create(AccountSchema));
  });

  it("formCodec() reads the number of an enum with a sign and with zeros", () => {
    expect(read("color=%2B1&colors=005&colors=-0")).toMatchObject({ color: 1, colors: [5, 0] });
    expect(() => read("color=-1")).toThrow('"-1" is not a valid value');
  });

  it("formCodec() treats null as unset for timestamps and durations", () => {
    expect(read("createdAt=null&ttl=null")).toEqual(create(AccountSchema));
  });

  it("formCodec() refuses a second member of a oneof also through a path", () => {
    expect(() => read("email=a&ref.heading=b")).toThrow('field already set for oneof "contact"');
    expect(read("ref.heading=b&ref.rank=2").contact).toMatchObject({
      case: "ref",
      value: { title: "b", rank: 2 },
    });
  });

  it.each([
    ["too many values", "id=1&id=2", 'too many values for field "id"'],
    ["a semicolon", "id=1;age=2", "semicolon"],
    ["a broken escape", "id=%2", "invalid URL escape"],
    ["an escape that is no UTF-8", "nickName=%ff", "invalid URL escape"],
    ["a map without a key", "labels=x", "invalid formatting for map key"],
    ["a bad map value", "counters[a]=x", 'parsing map value "counters"'],
    ["an enum name of another case", "color=green", '"green" is not a valid value'],
    ["an integer of many digits", `big=${"9".repeat(100_000)}`, "uint64 out of range"],
    ["a day no calendar has", "createdAt=2022-02-30T00:00:00Z", "invalid RFC 3339 timestamp"],
    ["a zone no clock has", "createdAt=2022-02-20T00:00:00%2B24:00", "timestamp out of range"],
    ["a float32 too big", "ratio=1e39", "float out of range"],
    ["a hexadecimal number", "score=0x10", "invalid number"],
    ["JSON that is no object", "attrs=[1]", "invalid JSON object"],
    [
      "JSON that nests too deep",
      `attrs={"a":${"[".repeat(200)}${"]".repeat(200)}}`,
      "nests too deep",
    ],
    ["a path of no end", `profile.${"extra.".repeat(10)}x=1`, "invalid formatting for map key"],
  ])("formCodec() refuses %s", (_what, query, text) => {
    expect(() => read(query)).toThrow(DecodeError);
    expect(() => read(query)).toThrow(text);
  });

  it("formCodec() refuses bytes that are not UTF-8", () => {
    expect(() => codec.decoder(AccountSchema)(new Uint8Array([0x69, 0x64, 0x3d, 0xff]))).toThrow(
      "invalid UTF-8",
    );
  });

  it("formCodec() refuses more pairs than its limit", () => {
    const pairs = (count: number) => Array.from({ length: count }, () => "tags=a").join("&");
    expect(read(pairs(1000)).tags).toHaveLength(1000);
    expect(() => read(pairs(1001))).toThrow("too many pairs");
    expect(() => formCodec({ maxPairs: 2 }).decoder(AccountSchema)(utf8.encode(pairs(3)))).toThrow(
      "the limit is 2",
    );
  });

  it("formCodec() keeps its error texts short whatever it was sent", () => {
    const long = "x".repeat(100_000);
    const message = (query: string): string => {
      try {
        read(query);
      } catch (error) {
        return String(error);
      }
      return "";
    };
    for (const query of [
      `id=${long}`,
      `id=%${long}`,
      `labels.a.${long}=1`,
      `createdAt=${long}`,
      `ttl=${long}`,
      `payload=${long}x`,
    ]) {
      expect(message(query)).toMatch(/^DecodeError/);
      expect(message(query).length).toBeLessThan(250);
    }
  });

  it("formCodec() keeps __proto__ as data in maps and Structs", () => {
    const account = read(
      "labels[__proto__]=x&attrs.__proto__=y&profile.__proto__=z&constructor=1&__proto__.polluted=1",
    );
    expect(Object.entries(account.labels)).toEqual([["__proto__", "x"]]);
    expect(Object.entries(account.attrs ?? {})).toEqual([["__proto__", "y"]]);
    expect({}).not.toHaveProperty("polluted");
  });

  it("createFormReader() merges into what is there", () => {
    const message = create(AccountSchema, { tags: ["a"], id: 1n, profile: { title: "t" } });
    createFormReader(AccountSchema)(message, parseQuery("tags=b&id=2&profile.rank=3"));
    expect(message).toMatchObject({ tags: ["a", "b"], id: 2n, profile: { title: "t", rank: 3 } });
  });
});

describe("formCodec() writing", () => {
  it("formCodec() sorts keys by their bytes", () => {
    const labels = { "\u{1f600}": "3", "\ue000": "2", "\u{1f600}a": "4", z: "1", "": "0" };
    expect(write({ labels }).replace(/labels%5B[^=]*=/g, "")).toBe("0&1&2&3&4");
  });

  it("formCodec() writes bytes with the alphabet every reader takes", () => {
    expect(write({ payload: new Uint8Array([0xfb, 0xff]) })).toBe("payload=%2B%2F8%3D");
  });

  it("formCodec() writes an enum value the schema does not know as its number", () => {
    const bytes = codec.encoder(AccountSchema)(fromJson(AccountSchema, { color: 7 }));
    expect(new TextDecoder().decode(bytes)).toBe("color=7");
  });

  it("formCodec() leaves a mask path as it is where camel case could not be read back", () => {
    expect(write({ mask: { paths: ["user_id", "field_1"] } })).toBe("mask=userId%2Cfield_1");
  });

  it("formCodec() refuses lists of messages rather than losing them", () => {
    expect(() => write({ profiles: [{ title: "x" }] })).toThrow(
      'Cannot encode field "kratosts.vectors.form.Account.profiles" as a form',
    );
  });

  it("formCodec() clamps a duration at 64 bits", () => {
    expect(write({ ttl: { seconds: 315_576_000_000n } })).toBe("ttl=2562047h47m16.854775807s");
  });

  it("escapeQuery() replaces lone surrogates", () => {
    expect(escapeQuery("a\ud800b")).toBe("a%EF%BF%BDb");
  });
});

describe("formCodec() on plain values", () => {
  it("encodeValue() repeats lists and leaves out what is absent", () => {
    expect(
      new TextDecoder().decode(codec.encodeValue?.({ b: [1, 2], a: true, c: null, d: undefined })),
    ).toBe("a=true&b=1&b=2");
    expect(() => codec.encodeValue?.({ a: { b: 1 } })).toThrow(TypeError);
    expect(() => codec.encodeValue?.("text")).toThrow(TypeError);
  });

  it("decodeValue() answers text, or lists of text", () => {
    expect({
      ...(codec.decodeValue?.(utf8.encode("a=1&b=x+y&b=%26&__proto__=p")) as object),
    }).toEqual({ a: "1", b: ["x y", "&"] });
  });
});

describe("the text rules of Go", () => {
  it.each([
    [999_999, "999999"],
    [1_000_000, "1e+06"],
    [1_234_567.5, "1.2345675e+06"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [22.22, "22.22"],
    [1e100, "1e+100"],
    [-0, "-0"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
    [Number.NaN, "NaN"],
  ])("formatGoFloat() writes %d as %s", (value, text) => {
    expect(formatGoFloat(value)).toBe(text);
  });

  it("formatGoFloat32() writes the digits of a float32", () => {
    expect(formatGoFloat32(Math.fround(12.34))).toBe("12.34");
    expect(formatGoFloat32(16_777_216)).toBe("1.6777216e+07");
  });

  it.each([
    ["1h30m", 5_400_000_000_000n],
    ["1.5s", 1_500_000_000n],
    ["-1m40s", -100_000_000_000n],
    ["+2us3\u00b5s4\u03bcs", 9_000n],
    [".5h", 1_800_000_000_000n],
    ["0", 0n],
    ["-9223372036854775808ns", -(2n ** 63n)],
  ])("parseGoDuration() reads %s", (text, nanos) => {
    expect(parseGoDuration(text)).toBe(nanos);
  });

  it.each([
    "",
    "-",
    "1",
    "1x",
    ".s",
    "s",
    "1 s",
    "1h-1m",
    "9223372036854775808ns",
    `${"9".repeat(1000)}s`,
  ])("parseGoDuration() refuses %j", (text) => {
    expect(() => parseGoDuration(text)).toThrow(DecodeError);
  });

  it.each(["1h0m0s", "1m1.5s", "999ns", "1.001\u00b5s", "-250ms", "0s"])(
    "formatGoDuration() writes %s as it was",
    (text) => {
      expect(formatGoDuration(parseGoDuration(text))).toBe(text);
    },
  );

  it("parseInstant() reads zones, and cuts digits below a nanosecond", () => {
    expect(formatInstant(parseInstant("2022-01-02T03:04:05.1234567899+02:30"))).toBe(
      "2022-01-02T00:34:05.123456789Z",
    );
    expect(formatInstant(parseInstant("0001-01-01T00:00:00Z"))).toBe("0001-01-01T00:00:00Z");
    expect(() => parseInstant("0001-01-01T00:00:00+00:01")).toThrow("out of range");
    expect(() => parseInstant("2022-01-02T24:00:00Z")).toThrow(DecodeError);
    expect(() => parseInstant("2022-01-02T03:04:05")).toThrow(DecodeError);
  });
});
