import type { Codec, CodecRegistry, MessageEncoder } from "../../encoding/index.ts";
import { jsonCodec } from "../../encoding/json/index.ts";
import { fromError, toStatusMessage } from "../../errors/index.ts";
import { type Status, StatusSchema } from "@kratosjs/protos/errors/errors_pb.js";
import { allLines } from "../wire/header-lines.ts";
import type { ErrorEncoder } from "./hooks.ts";
import { redirectOf, sendRedirect } from "./redirect.ts";

/**
 * Makes the answers to errors: the Kratos error as a body in the codec of the Accept, its code as the
 * status. A code that is no final HTTP status is sent as 500. A redirect, or what one is the cause of, is
 * sent as one.
 */
export function createErrorReply(codecs: CodecRegistry): ErrorEncoder {
  const writers = new Map<Codec, ErrorWriter>();
  for (const name of codecs.names) {
    const codec = codecs.get(name);
    if (codec !== undefined) writers.set(codec, errorWriter(codec));
  }
  const fallback = errorWriter(codecs.fallback);
  return (error, exchange) => {
    const moved = redirectOf(error);
    if (moved !== undefined) {
      return sendRedirect(exchange, { location: moved.location, status: moved.code });
    }
    const { codec } = codecs.select(allLines(exchange.rawHeaders, "accept"));
    const { encode, headers } = writers.get(codec) ?? fallback;
    const known = fromError(error);
    const body = attempt(() => encode(toStatusMessage(known)));
    if (body === undefined) exchange.reply({ status: 500 });
    else exchange.reply({ status: statusOf(known.code), headers, body });
  };
}

/** The body of an error where a stream has to carry it. */
export function errorText(error: unknown): Uint8Array {
  return streamWriter.encode(toStatusMessage(fromError(error)));
}

interface ErrorWriter {
  readonly encode: MessageEncoder<Status>;
  readonly headers: readonly string[];
}

function errorWriter(codec: Codec): ErrorWriter {
  // The four members are a contract, however the codec of the replies treats empty fields.
  const isJson = codec.name === "json" || codec.name === "protojson";
  const encode = (isJson ? jsonCodec() : codec).encoder(StatusSchema);
  return { encode, headers: ["Content-Type", codec.contentType] };
}

const streamWriter: ErrorWriter = /* @__PURE__ */ errorWriter(/* @__PURE__ */ jsonCodec());

function statusOf(code: number): number {
  return code >= 200 && code <= 599 ? code : 500;
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined; // an error that cannot be written is a bare 500, as in Go
  }
}
