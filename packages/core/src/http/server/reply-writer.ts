import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { type Codec, createReplyEncoder } from "../../encoding/index.ts";
import { httpBodyPlace } from "../files/http-body-place.ts";
import { writeHttpBody } from "../files/write-http-body.ts";
import type { Exchange } from "../wire/exchange.ts";
import { allLines } from "../wire/header-lines.ts";
import { allCodecs } from "./body-reader.ts";
import type { Edge } from "./edge.ts";

/** Answers an exchange with a message. */
export type ReplyWriter = (reply: Message, exchange: Exchange) => void;

interface Writer {
  readonly encode: ReturnType<typeof createReplyEncoder>;
  readonly headers: readonly string[];
}

/**
 * Composes the writer of replies: by the codec the Accept names, else by the registry's fallback; an
 * HttpBody is sent as it is.
 */
export function createReplyWriter(
  shape: { readonly schema: DescMessage; readonly field: DescField | undefined },
  edge: Edge,
): ReplyWriter {
  const { codecs, responseEncoder } = edge;
  if (responseEncoder !== undefined) {
    return (reply, exchange) => responseEncoder(reply, { exchange, ...shape, status: 200 });
  }
  const raw = httpBodyPlace(shape);
  if (raw !== undefined) return (reply, exchange) => writeHttpBody(raw.unwrap(reply), exchange);
  const fallback = writerOf(codecs.fallback, shape);
  const writers = new Map<Codec, Writer>();
  for (const codec of allCodecs(codecs)) {
    const writer = attemptWriter(codec, shape);
    if (writer !== undefined) writers.set(codec, writer);
  }
  return (reply, exchange) => {
    const { codec } = codecs.select(allLines(exchange.rawHeaders, "accept"));
    const { encode, headers } = writers.get(codec) ?? fallback;
    exchange.reply({ status: 200, headers, body: encode(reply) });
  };
}

type Shape = Parameters<typeof createReplyWriter>[0];

function writerOf(codec: Codec, shape: Shape): Writer {
  const encode = createReplyEncoder(codec, shape);
  return { encode, headers: ["Content-Type", codec.contentType] };
}

function attemptWriter(codec: Codec, shape: Shape): Writer | undefined {
  try {
    return writerOf(codec, shape);
  } catch {
    return undefined; // this codec has no form for such a field alone: the fallback answers
  }
}
