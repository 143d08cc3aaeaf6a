/**
 * Protobuf's binary form. A body that is one field holds the message in that field, so only message fields
 * can stand alone.
 */
import { fromBinary } from "@bufbuild/protobuf";
import type { Codec } from "../codec.ts";
import { contentTypeOf } from "../content-type.ts";
import { toDecodeError } from "../decode-error.ts";
import { createMessageEncoder } from "./message-encoder.ts";

/** Settings of the proto codec. */
export interface ProtoCodecOptions {
  /** The name it is registered under. @default {"proto"} */
  readonly name?: string;
  /** How deep messages may nest. @default {100} */
  readonly maxDepth?: number;
  /** Whether fields the schema does not know are kept and written again. @default {true} */
  readonly keepUnknown?: boolean;
}

const defaults = {
  name: "proto",
  maxDepth: 100,
  keepUnknown: true,
} satisfies Required<ProtoCodecOptions>;

/** Makes the codec of the binary form. */
export function protoCodec(options: ProtoCodecOptions = {}): Codec {
  const { name, maxDepth, keepUnknown } = { ...defaults, ...options };
  const reading = { readUnknownFields: keepUnknown, recursionLimit: maxDepth };
  const writing = { writeUnknownFields: keepUnknown };
  return {
    name,
    contentType: contentTypeOf(name),
    encoder(schema) {
      const encode = createMessageEncoder(schema, writing);
      return (message) => encode(message, 0);
    },
    headedEncoder: (schema) => createMessageEncoder(schema, writing),
    decoder: (schema) => (bytes) => {
      try {
        return fromBinary(schema, bytes, reading);
      } catch (error) {
        throw toDecodeError(error);
      }
    },
  };
}
