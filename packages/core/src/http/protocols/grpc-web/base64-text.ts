import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { encodeUtf8 } from "../../../encoding/index.ts";
import { grpcFailure } from "../../../errors/index.ts";
import { latin1 } from "./latin1.ts";
import { joined } from "../whole-body.ts";

/** Writes bytes as the text of base64. */
export function encodeBase64(bytes: Uint8Array): Uint8Array {
  return encodeUtf8(base64Encode(bytes));
}

/** Reads base64 in pieces as they arrive, cut anywhere; padding may end a part in the middle. */
export class Base64Reader {
  #rest = "";

  /** The bytes that are whole. @throws {KratosError} INTERNAL if the text is no base64. */
  push(chunk: Uint8Array): Uint8Array {
    const text = this.#rest + latin1.decode(chunk).replaceAll(/\s/g, "");
    const whole = text.length - (text.length % 4);
    this.#rest = text.slice(whole);
    try {
      const parts = text.slice(0, whole).split(/(?<==)(?!=)/);
      return joined(parts.map((part) => base64Decode(part)));
    } catch (cause) {
      throw grpcFailure("INTERNAL", "the answer is no base64", { cause });
    }
  }
}
