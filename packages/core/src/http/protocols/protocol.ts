import type { DescMethod } from "@bufbuild/protobuf";
import type { Codec, CodecRegistry } from "../../encoding/index.ts";
import type { Compression } from "../../encoding/compression/index.ts";
import type { Handler } from "../../middleware/index.ts";
import type { HttpSender } from "./http-sender.ts";

/** What the methods of one connection share. */
export interface ProtocolParts {
  readonly sender: HttpSender;
  /** What messages are written in and asked for. */
  readonly codec: Codec;
  /** What answers and errors may come in. */
  readonly codecs: CodecRegistry;
  /** How requests are packed; undefined is not at all. */
  readonly compression: Compression | undefined;
  /** Smaller requests are not packed. */
  readonly compressMinBytes: number;
  /** What answers may be packed with. */
  readonly accepted: readonly Compression[];
  /** The largest message, as received and unpacked. */
  readonly maxMessageBytes: number;
  readonly userAgent: string;
}

/** How the calls of a method look on the wire: composes the innermost handler of its calls. */
export type Protocol = (method: DescMethod, parts: ProtocolParts) => Handler;
