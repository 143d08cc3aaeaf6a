import { create, fromJson, type JsonValue, toBinary, toJson } from "@bufbuild/protobuf";
import { StatusSchema } from "@kratosjs/protos/errors/errors_pb.js";
import {
  FieldMaskSchema,
  Int64ValueSchema,
  StructSchema,
  TimestampSchema,
} from "@bufbuild/protobuf/wkt";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Color, EverythingSchema, SomethingSchema } from "../testdata/everything_pb.ts";
import { everything } from "../testdata/random-everything.ts";
import { decodeUtf8, DecodeError, encodeUtf8 } from "../index.ts";
import { xmlCodec } from "./index.ts";

const codec = xmlCodec();
const quiet = xmlCodec({ emitDefaults: false });
const read = (text: string) => codec.decoder(EverythingSchema)(encodeUtf8(text));
const plain = (text: string): unknown => codec.decodeValue?.(encodeUtf8(text));
const write = (value: unknown): string => decodeUtf8(codec.encodeValue?.(value) ?? encodeUtf8("?"));

describe("xmlCodec()", () => {
  it("writes messages as elements of their JSON names", () => {
    const message = create(EverythingSchema, {
      text: `a<b>&"'`,
      int64: 9007199254740993n,
      bytes: new Uint8Array([1, 2]),
      bool: true,
      color: Color.RED,
      texts: ["x", "y"],
      labels: { k: "v" },
      child: { text: "inner" },
      time: { seconds: 0n, nanos: 0 },
    });
    expect(decodeUtf8(quiet.encoder(EverythingSchema)(message))).toBe(
      "<Everything><text>a&lt;b&gt;&amp;&#34;&#39;</text><bytes>AQI=</bytes><bool>true</bool>" +
        "<int64>9007199254740993</int64><color>COLOR_RED</color><texts>x</texts><texts>y</texts>" +
        "<labels><key>k</key><value>v</value></labels><child><text>inner</text></child>" +
        "<time>1970-01-01T00:00:00Z</time></Everything>",
    );
  });

  it("writes the body of an error, of which Go can write none", () => {
    const status = create(StatusSchema, { code: 404, reason: "GONE", metadata: { a: "b" } });
    const bytes = codec.encoder(StatusSchema)(status);
    expect(decodeUtf8(bytes)).toBe(
      "<Status><code>404</code><reason>GONE</reason><message></message>" +
        "<metadata><key>a</key><value>b</value></metadata></Status>",
    );
    expect(codec.decoder(StatusSchema)(bytes)).toEqual(status);
  });

  it("reads what it writes, every type of field", () => {
    fc.assert(
      fc.property(everything, (message) => {
        // What XML has no characters for cannot come back.
        const text = JSON.stringify(toJson(EverythingSchema, message)).replaceAll(
          /(\\\\)|\\[bf]|\\u(?:00[01].|d[89a-f]..)|[\ufffe\uffff]/g,
          (_, backslash?: string) => backslash ?? "x",
        );
        const clean = fromJson(EverythingSchema, JSON.parse(text) as JsonValue);
        for (const each of [codec, quiet]) {
          const bytes = each.encoder(EverythingSchema)(clean);
          expect(toBinary(EverythingSchema, each.decoder(EverythingSchema)(bytes))).toEqual(
            toBinary(EverythingSchema, clean),
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it("writes messages that are text as text, and free values as JSON", () => {
    const struct = fromJson(StructSchema, { a: [1, "<"] });
    const bytes = codec.encoder(StructSchema)(struct);
    expect(decodeUtf8(bytes)).toBe("<Struct>{&#34;a&#34;:[1,&#34;&lt;&#34;]}</Struct>");
    expect(codec.decoder(StructSchema)(bytes)).toEqual(struct);
    for (const [schema, json] of [
      [TimestampSchema, "2024-01-02T03:04:05Z"],
      [FieldMaskSchema, "a,bC"],
      [Int64ValueSchema, "7"],
    ] as const) {
      const again = codec.encoder(schema)(fromJson(schema, json) as never); // the message of this schema
      expect(decodeUtf8(again)).toBe(`<${schema.name}>${json}</${schema.name}>`);
      expect(toJson(schema, codec.decoder(schema)(again))).toBe(json);
    }
  });

  it("reads what people write: any root, proto names, prefixes, blanks, comments, CDATA, attributes", () => {
    const text = `<?xml version="1.0" encoding="UTF-8"?>
      <!-- a comment -->
      <x:request xmlns:x="urn:x" text="not me">
        <optional_text> kept as it is </optional_text>
        <text><![CDATA[<b>&amp;]]> &#x41;&#66;&quot;</text>
        <int32> 7 </int32><bool>1</bool><uint32></uint32>
        <x:color>1</x:color><texts/><texts>b</texts>
        <unknown><deep>1</deep></unknown>
      </x:request>`;
    expect(read(text)).toMatchObject({
      optionalText: " kept as it is ",
      text: '<b>&amp; AB"',
      int32: 7,
      bool: true,
      uint32: 0,
      color: 1,
      texts: ["", "b"],
    });
  });

  it("reads an empty body as the empty message, and refuses unknown elements when told to", () => {
    expect(codec.decoder(SomethingSchema)(new Uint8Array())).toEqual(create(SomethingSchema));
    const strict = xmlCodec({ ignoreUnknown: false }).decoder(SomethingSchema);
    expect(() => strict(encodeUtf8("<a><b/></a>"))).toThrow(DecodeError);
  });

  it.each([
    ["no XML", "hello"],
    ["an end that is not there", "<a><b></a>"],
    ["two roots", "<a/><b/>"],
    ["an unknown entity", "<a><text>&foo;</text></a>"],
    ["a bare ampersand", "<a><text>a & b</text></a>"],
    ["a character that is none", "<a><text>&#0;</text></a>"],
    ["half a surrogate pair", "<a><text>&#xd800;</text></a>"],
    ["a number beyond all characters", "<a><text>&#99999999999;</text></a>"],
    ["no number", "<a><int32>x</int32></a>"],
    ["no boolean", "<a><bool>yes</bool></a>"],
    ["a field given twice", "<a><text>1</text><text>2</text></a>"],
    ["elements in text", "<a><text><b/></text></a>"],
    ["invalid bytes", "<a><bytes>!</bytes></a>"],
  ])("refuses %s with a DecodeError", (_, text) => {
    expect(() => read(text)).toThrow(DecodeError);
  });

  it("expands no entity that a document declares", () => {
    const lines = Array.from(
      { length: 12 },
      (_, index) => `<!ENTITY e${index} "${index === 0 ? "x" : `&e${index - 1};`.repeat(10)}">`,
    );
    const bomb = `<!DOCTYPE a [${lines.join("")}]><a><text>&e11;</text></a>`;
    expect(() => read(bomb)).toThrow(/unknown XML entity/);
    const file = `<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a><text>&e;</text></a>`;
    expect(() => read(file)).toThrow(DecodeError);
  });

  it("refuses a document that nests too deep or has too many elements, before it costs anything", () => {
    const deep = "<child>".repeat(100_000);
    expect(() => read(deep)).toThrow(DecodeError);
    expect(() => plain("<a>".repeat(200) + "</a>".repeat(200))).toThrow(DecodeError);
    const started = performance.now();
    expect(() => read(`<a>${"<b/>".repeat(1_000_000)}</a>`)).toThrow(/more than 50000 elements/);
    expect(performance.now() - started).toBeLessThan(1000);
    const few = xmlCodec({ maxElements: 3 });
    expect(() => few.decodeValue?.(encodeUtf8("<a><b></b><b></b><b></b></a>"))).toThrow(
      DecodeError,
    );
  });

  it("keeps its error short, whatever the document is", () => {
    try {
      read(`<${"<".repeat(10_000)}`);
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(300);
      return;
    }
    expect.unreachable();
  });

  it("takes names that are special in JavaScript for what they are", () => {
    expect(plain("<a><toString>1</toString><hasOwnProperty>2</hasOwnProperty></a>")).toEqual(
      Object.assign(Object.create(null), { toString: "1", hasOwnProperty: "2" }),
    );
    const made = plain(
      "<a><__proto__><x>1</x></__proto__><constructor>1</constructor><b>2</b></a>",
    );
    expect(Object.keys(made as object)).toEqual(["b"]);
    const message = read(
      "<a><labels><key>__proto__</key><value>v</value></labels><__proto__><text>1</text></__proto__></a>",
    );
    expect(message.text).toBe("");
    expect(Object.getPrototypeOf({})).not.toHaveProperty("x");
  });

  it("writes plain values as Go does, and objects besides", () => {
    expect(["success", 1, 1.5, true].map(write)).toEqual([
      "<string>success</string>",
      "<int>1</int>",
      "<float64>1.5</float64>",
      "<bool>true</bool>",
    ]);
    expect(write({ name: "a&b", list: [1, { x: null, y: 2n }], none: undefined })).toBe(
      "<object><name>a&amp;b</name><list>1</list><list><y>2</y></list></object>",
    );
    expect(write(null)).toBe("");
    expect(write("\u0000\ud800\ttab")).toBe("<string>\ufffd\ufffd&#x9;tab</string>");
    expect(() => write({ "a b": 1 })).toThrow(TypeError);
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    expect(() => write(cycle)).toThrow(TypeError);
  });

  it("reads plain values: text, and objects whose repeated members are lists", () => {
    expect(plain("<a><n>1</n><l>x</l><l>y</l><l/></a>")).toEqual(
      Object.assign(Object.create(null), { n: "1", l: ["x", "y", ""] }),
    );
    expect(plain("<string>a</string>")).toBe("a");
  });
});
