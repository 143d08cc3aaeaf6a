import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { AccountSchema } from "../form/testdata/form_pb.js";
import { DecodeError, createBodyDecoder, createBodyEncoder } from "../index.ts";
import { protoCodec } from "./index.ts";

const codec = protoCodec();

describe("protoCodec()", () => {
  it("protoCodec() carries messages in the binary form", () => {
    const message = create(AccountSchema, { id: 7n, tags: ["a"], profile: { title: "t" } });
    expect(codec.decoder(AccountSchema)(codec.encoder(AccountSchema)(message))).toEqual(message);
    expect(codec.contentType).toBe("application/proto");
  });

  it("protoCodec() refuses bytes that are no message with a DecodeError", () => {
    expect(() => codec.decoder(AccountSchema)(new Uint8Array([0x0a]))).toThrow(DecodeError);
    expect(() => codec.decoder(AccountSchema)(new Uint8Array([0x12, 0x7f, 0x00]))).toThrow(
      DecodeError,
    );
    expect(() => codec.decoder(AccountSchema)(new Uint8Array([0x12, 0x01, 0xff]))).toThrow(
      DecodeError,
    );
  });

  it("protoCodec() carries a message field alone, and refuses any other field when composed", () => {
    const shape = { schema: AccountSchema, field: AccountSchema.field["profile"] };
    const message = create(AccountSchema, { profile: { title: "t" } });
    const bytes = createBodyEncoder(codec, shape)(message);
    expect(createBodyDecoder(codec, shape)(bytes)).toEqual(message);
    expect(createBodyEncoder(codec, shape)(create(AccountSchema))).toEqual(new Uint8Array());
    expect(() =>
      createBodyDecoder(codec, { schema: AccountSchema, field: AccountSchema.field["tags"] }),
    ).toThrow(TypeError);
  });

  it("protoCodec() has no form for plain values", () => {
    expect(codec.encodeValue).toBeUndefined();
  });
});
