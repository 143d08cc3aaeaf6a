import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Codec } from "../../encoding/index.ts";
import { badRequest, grpcFailure, messageOf } from "../../errors/index.ts";
import type { Edge } from "./edge.ts";

/** How the messages of a method are read and written in one codec of the RPC protocols. */
export interface RpcFormat {
  /** "proto" or "json" */
  readonly name: string;
  /** @throws {KratosError} 400 CODEC */
  readonly decode: (bytes: Uint8Array) => Message;
  /** @throws {KratosError} INTERNAL */
  readonly encode: (message: unknown) => Uint8Array;
}

/** By the name in the content type. */
export type RpcFormats = ReadonlyMap<string, RpcFormat>;

/** Composes the formats of a method: of the server's codecs the two that Connect and gRPC-Web know. */
export function rpcFormats({ input, output }: DescMethod, { codecs }: Edge): RpcFormats {
  const formats = new Map<string, RpcFormat>();
  for (const name of ["proto", "json"]) {
    const codec = codecs.get(name);
    if (codec !== undefined) formats.set(name, formatOf(name, codec, { input, output }));
  }
  return formats;
}

function formatOf(
  name: string,
  codec: Codec,
  { input, output }: Pick<DescMethod, "input" | "output">,
): RpcFormat {
  const decode = codec.decoder(input);
  const encode = codec.encoder(output);
  return {
    name,
    decode(bytes) {
      try {
        return decode(bytes);
      } catch (cause) {
        throw badRequest("CODEC", `body unmarshal ${messageOf(cause)}`, { cause });
      }
    },
    encode(message) {
      try {
        return encode(message as Message); // completed by the implementation's binding
      } catch (cause) {
        throw grpcFailure("INTERNAL", `a ${output.typeName} cannot be written as ${name}`, {
          cause,
        });
      }
    },
  };
}
