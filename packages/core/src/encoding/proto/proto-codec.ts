/**
 * Protobuf's binary form. A body that is one field holds the message in that field, so only message fields
 * can stand alone.
 */
import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import type { Codec, MessageDecoder } from "../codec.ts";
import { contentTypeOf } from "../content-type.ts";
import { toDecodeError } from "../decode-error.ts";
import { unusual } from "../unusual.ts";
import { compileDecoder, type ProtoReading } from "./compiled-decoder.ts";
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
  const writing = { writeUnknownFields: keepUnknown };
  return {
    name,
    contentType: contentTypeOf(name),
    encoder(schema) {
      const encode = createMessageEncoder(schema, writing);
      return (message) => encode(message, 0);
    },
    headedEncoder: (schema) => createMessageEncoder(schema, writing),
    decoder: (schema) => messageDecoder(schema, { keepUnknown, maxDepth }),
  };
}

function messageDecoder<D extends DescMessage>(
  schema: D,
  options: ProtoReading,
): MessageDecoder<MessageShape<D>> {
  const { keepUnknown, maxDepth } = options;
  const reading = { readUnknownFields: keepUnknown, recursionLimit: maxDepth };
  const byLibrary: MessageDecoder<MessageShape<D>> = (bytes) => {
    try {
      return fromBinary(schema, bytes, reading);
    } catch (error) {
      throw toDecodeError(error);
    }
  };
  const compiled = compileDecoder(schema, options);
  if (compiled === undefined) return byLibrary;
  return (bytes) => {
    try {
      return compiled(bytes) as MessageShape<D>; // the decoder of this schema
    } catch (error) {
      if (error === unusual) return byLibrary(bytes);
      throw error;
    }
  };
}
