import { grpcFailure } from "../../errors/index.ts";
import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { Codec, MessageDecoder } from "../../encoding/index.ts";
import { frameMessage, framePrefixBytes, sealFrame } from "../../encoding/framing/index.ts";
import { jsonCodec } from "../../encoding/json/index.ts";
import { protoCodec } from "../../encoding/proto/index.ts";

/** The codecs gRPC knows by the subtype of its content type; the first is also meant by `application/grpc` alone. */
export function grpcCodecs(): readonly Codec[] {
  return [protoCodec(), jsonCodec()];
}

/** How the messages of one direction of one method are read and written. */
export interface MessageFormat {
  /** Writes a message behind its prefix, not compressed. */
  readonly frame: (message: Message) => Uint8Array;
  readonly decode: MessageDecoder;
}

/** Composes reading one schema and writing another; failures become gRPC's. */
export function messageFormat(codec: Codec, read: DescMessage, write: DescMessage): MessageFormat {
  const decode = codec.decoder(read);
  const frame = frameEncoder(codec, write);
  return {
    decode(bytes) {
      try {
        return decode(bytes);
      } catch (cause) {
        throw grpcFailure("INTERNAL", `a message is no ${read.typeName} in ${codec.name}`, {
          cause,
        });
      }
    },
    frame(message) {
      try {
        return frame(message);
      } catch (cause) {
        throw grpcFailure("INTERNAL", `a ${write.typeName} cannot be written in ${codec.name}`, {
          cause,
        });
      }
    },
  };
}

function frameEncoder(codec: Codec, schema: DescMessage): MessageFormat["frame"] {
  const headed = codec.headedEncoder?.(schema);
  if (headed !== undefined) return (message) => sealFrame(headed(message, framePrefixBytes), 0);
  const encode = codec.encoder(schema);
  return (message) => frameMessage(encode(message), false);
}

/**
 * Reads the subtype of a gRPC content type: "" for `application/grpc`, "json" for
 * `application/grpc+json`; undefined when it is not gRPC.
 */
export function grpcSubtype(contentType: string): string | undefined {
  const match = /^application\/grpc(?:\+([a-z0-9._-]+))?\s*(?:;.*)?$/i.exec(contentType);
  return match === null ? undefined : (match[1] ?? "").toLowerCase();
}
