import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { AccountSchema } from "../form/testdata/form_pb.js";
import { DecodeError } from "../index.ts";
import { yamlCodec } from "./index.ts";

const utf8 = new TextEncoder();
const codec = yamlCodec();

describe("yamlCodec()", () => {
  it("yamlCodec() reads what it writes", () => {
    const message = create(AccountSchema, {
      id: 9223372036854775807n,
      aliasName: "yes",
      tags: ["1", "true"],
      labels: { a: "b" },
    });
    expect(codec.decoder(AccountSchema)(codec.encoder(AccountSchema)(message)).$typeName).toBe(
      message.$typeName,
    );
    expect(
      codec.decoder(AccountSchema)(
        yamlCodec({ emitDefaults: false }).encoder(AccountSchema)(message),
      ),
    ).toEqual(message);
  });

  it("yamlCodec() reads messages written by people, and every digit of long integers", () => {
    const message = codec.decoder(AccountSchema)(
      utf8.encode("id: 9223372036854775807\nalias_name: x\ntags: [a, b]\n"),
    );
    expect(message).toMatchObject({ id: 9223372036854775807n, aliasName: "x", tags: ["a", "b"] });
  });

  it("yamlCodec() carries plain values", () => {
    expect(codec.decodeValue?.(utf8.encode("a: 1\nb:\n  - x\n"))).toEqual({ a: 1, b: ["x"] });
    expect(
      codec.decodeValue?.(codec.encodeValue?.({ a: [true, null] }) ?? new Uint8Array()),
    ).toEqual({ a: [true, null] });
  });

  it("yamlCodec() refuses aliases that grow, cycles, deep nesting, and what is not YAML", () => {
    const lines = Array.from(
      { length: 12 },
      (_, index) =>
        `a${index}: &a${index} [${
          index === 0
            ? "x"
            : Array(9)
                .fill(`*a${index - 1}`)
                .join(",")
        }]`,
    );
    expect(() => codec.decodeValue?.(utf8.encode(lines.join("\n")))).toThrow(DecodeError);
    expect(() => codec.decodeValue?.(utf8.encode("&a [*a, *a]"))).toThrow(DecodeError);
    expect(() => codec.decodeValue?.(utf8.encode("[".repeat(5000)))).toThrow(DecodeError);
    expect(() => codec.decodeValue?.(utf8.encode("a: b: c"))).toThrow(DecodeError);
    expect(() => codec.decoder(AccountSchema)(utf8.encode("id: x"))).toThrow(DecodeError);
  });

  it("yamlCodec() refuses a nesting beyond its limit before the parser can overflow", () => {
    for (const deep of ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000)]) {
      expect(() => codec.decodeValue?.(utf8.encode(deep))).toThrow(/nested more than 100 deep/);
    }
  });

  it("yamlCodec() reads a map of very many keys, block and flow, in no more than a moment", () => {
    const pairs = Array.from({ length: 100_000 }, (_, index) => `k${index}: v`);
    for (const text of [pairs.join("\n"), `{${pairs.join(",")}}`]) {
      expect(Object.keys(codec.decodeValue?.(utf8.encode(text)) ?? {})).toHaveLength(100_000);
    }
  });

  it("yamlCodec() refuses aliases that take too long to find", () => {
    const pairs = Array.from({ length: 20_000 }, (_, at) => `a${at}: &a${at} x\nb${at}: *a${at}`);
    expect(() => codec.decodeValue?.(utf8.encode(pairs.join("\n")))).toThrow(
      "Excessive alias count",
    );
  });

  it.each(["a: 1\nb: 2\na: 3", "{a: 1, a: 2}", "x:\n  - {1: 1, 1: 2}", "{null: 1, ~: 2}"])(
    "yamlCodec() refuses %j, in which a key stands twice",
    (text) => {
      expect(() => codec.decodeValue?.(utf8.encode(text))).toThrow("Map keys must be unique");
    },
  );
});
