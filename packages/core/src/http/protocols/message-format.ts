import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Codec } from "../../encoding/index.ts";
import { grpcFailure } from "../../errors/index.ts";

/** How the messages of a method are written and read; failures are INTERNAL. */
export interface MessageFormat {
  encode(request: unknown): Uint8Array;
  decode(bytes: Uint8Array): Message;
}

/** Composes the format of a method's calls. */
export function messageFormat({ input, output }: DescMethod, codec: Codec): MessageFormat {
  const encode = codec.encoder(input);
  const decode = codec.decoder(output);
  return {
    encode(request) {
      try {
        return encode(request as Message); // completed by the client
      } catch (cause) {
        const text = `a ${input.typeName} cannot be written in ${codec.name}`;
        throw grpcFailure("INTERNAL", text, { cause });
      }
    },
    decode(bytes) {
      try {
        return decode(bytes);
      } catch (cause) {
        const text = `a message is no ${output.typeName} in ${codec.name}`;
        throw grpcFailure("INTERNAL", text, { cause });
      }
    },
  };
}
