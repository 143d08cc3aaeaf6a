import type { Codec } from "../../encoding/index.ts";
import type { ReplyCodecs } from "./protocol.ts";

/** Finds the codec of a body; a peer that does not name it is taken for JSON, as in Go. */
export function codecOf(codecs: ReplyCodecs, contentType: string): Codec {
  return codecs.forContentType(contentType) ?? codecs.fallback;
}
