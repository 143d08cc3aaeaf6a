import type { Codec } from "../codec.ts";
import { type JsonCodecOptions, jsonCodec } from "./json-codec.ts";

/** Makes the codec `protojson` of v3: proto JSON for messages, and no form for plain values. */
export function protojsonCodec(options: Omit<JsonCodecOptions, "name"> = {}): Codec {
  const {
    encodeValue: _encode,
    decodeValue: _decode,
    ...messages
  } = jsonCodec({
    ...options,
    name: "protojson",
  });
  return messages;
}
