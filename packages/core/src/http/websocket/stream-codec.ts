import type { Codec, CodecRegistry } from "../../encoding/index.ts";
import { allLines } from "../wire/header-lines.ts";

/** What the messages of a stream are written in, each way. */
export interface StreamCodecs {
  readonly encoder: Codec;
  readonly decoder: Codec;
}

/**
 * Chooses the codecs of a stream: replies by Accept, then Content-Type; requests the other way round.
 * Unlike elsewhere each line is a list, as in Kratos v3; protojson where it names no codec.
 */
export function streamCodecs(rawHeaders: readonly string[], codecs: CodecRegistry): StreamCodecs {
  const accept = listed(rawHeaders, "accept", codecs);
  const content = listed(rawHeaders, "content-type", codecs);
  const fallback = textCodec(codecs);
  return { encoder: accept ?? content ?? fallback, decoder: content ?? accept ?? fallback };
}

/** The codec of streams that name none. */
export function textCodec(codecs: CodecRegistry): Codec {
  return codecs.get("protojson") ?? codecs.get("json") ?? codecs.fallback;
}

function listed(
  rawHeaders: readonly string[],
  name: string,
  codecs: CodecRegistry,
): Codec | undefined {
  for (const line of allLines(rawHeaders, name)) {
    for (const type of line.split(",")) {
      const codec = codecs.forContentType(type.trim());
      if (codec !== undefined) return codec;
    }
  }
  return undefined;
}
