import type { DescMethod } from "@bufbuild/protobuf";
import type { Codec, CodecRegistry } from "../../encoding/index.ts";
import type { Handler } from "../../middleware/index.ts";
import type { HttpSender } from "./http-sender.ts";
import type { Packing } from "./packing.ts";

/** What answers and errors are read by: the codec of their Content-Type, else the fallback. */
export type ReplyCodecs = Pick<CodecRegistry, "forContentType" | "fallback">;

/** What the methods of one connection share. */
export interface ProtocolParts {
  readonly sender: HttpSender;
  /** What messages are written in and asked for. */
  readonly codec: Codec;
  /** What answers and errors may come in. */
  readonly codecs: ReplyCodecs;
  /** How bodies and messages are packed; undefined where bodies come and go by a wire that sees to it. */
  readonly packing: Packing | undefined;
  /** The largest message, as received and unpacked. */
  readonly maxMessageBytes: number;
  readonly userAgent: string;
}

/** How the calls of a method look on the wire: composes the innermost handler of its calls. */
export type Protocol = (method: DescMethod, parts: ProtocolParts) => Handler;
