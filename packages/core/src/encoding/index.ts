export type { Codec, MessageDecoder, MessageEncoder } from "./codec.ts";
export { createCodecRegistry } from "./codec-registry.ts";
export type { CodecRegistry, CodecRegistryOptions, CodecSelection } from "./codec-registry.ts";
export { contentSubtype, contentTypeOf } from "./content-type.ts";
export { DecodeError, toDecodeError } from "./decode-error.ts";
export { createBodyDecoder, createBodyEncoder } from "./body-codec.ts";
export type { BodyShape } from "./body-codec.ts";
export { decodeUtf8, encodeUtf8 } from "./utf8.ts";
