export type {
  Codec,
  HeadedMessageEncoder,
  MessageDecoder,
  MessageEncoder,
  MessageTextEncoder,
} from "./codec.ts";
export { createCodecRegistry } from "./codec-registry.ts";
export type { CodecRegistry, CodecRegistryOptions, CodecSelection } from "./codec-registry.ts";
export { composeYaml, type ComposeYamlOptions, YamlFault } from "./compose-yaml.ts";
export { contentSubtype, contentTypeOf } from "./content-type.ts";
export { DecodeError, toDecodeError } from "./decode-error.ts";
export { createBodyDecoder, createBodyEncoder, createReplyEncoder } from "./body-codec.ts";
export type { BodyShape } from "./body-codec.ts";
export { memberOf, messageAround } from "./message-member.ts";
export type { MemberPlace } from "./message-member.ts";
export { decodeUtf8, encodeUtf8 } from "./utf8.ts";
export { fieldGetter } from "./field-access.ts";
export type { Fields } from "./field-access.ts";
