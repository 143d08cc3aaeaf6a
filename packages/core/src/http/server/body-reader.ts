import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { type Codec, createBodyDecoder, type MessageDecoder } from "../../encoding/index.ts";
import { badRequest, isKratosError, type KratosError, messageOf } from "../../errors/index.ts";
import { httpBodyPlace } from "../files/http-body-place.ts";
import { createMultipartDecoder } from "../files/multipart-form.ts";
import { isMultipart } from "../files/multipart-reader.ts";
import type { Exchange } from "../wire/exchange.ts";
import { allLines } from "../wire/header-lines.ts";
import type { Edge } from "./edge.ts";

/** What of a request is its body. */
export interface BodyShape {
  readonly schema: DescMessage;
  readonly field: DescField | undefined;
}

/** Reads and decodes the body of an exchange, unless it has been read; undefined where it has none. */
export type BodyReader = (exchange: Exchange, body?: Uint8Array) => Promise<Message | undefined>;

/**
 * Composes the reader of bodies: by the codec of the Content-Type, which has to name one or be
 * multipart/form-data; only an empty body may come without. An HttpBody takes any type, as it is.
 */
export function createBodyReader(shape: BodyShape, edge: Edge): BodyReader {
  const { codecs, maxBodyBytes, requestDecoder, uploads } = edge;
  const decoders = new Map<Codec, MessageDecoder>();
  for (const codec of allCodecs(codecs)) {
    const decoder = decoderOf(codec, shape);
    if (decoder !== undefined) decoders.set(codec, decoder);
  }
  const decodeMultipart = createMultipartDecoder(shape, { limits: uploads.multipart, codecs });
  const raw = httpBodyPlace(shape);
  return async (exchange, body) => {
    const bytes = body ?? (await exchange.readBody(maxBodyBytes));
    try {
      if (requestDecoder !== undefined) return requestDecoder(bytes, { exchange, ...shape });
      const lines = allLines(exchange.rawHeaders, "content-type");
      const [contentType = ""] = lines;
      if (raw !== undefined) return raw.wrap({ contentType, data: bytes });
      if (bytes.length === 0 && lines.length === 0) return undefined;
      const { codec, found } = codecs.select(lines);
      const decode = found ? decoders.get(codec) : undefined;
      if (decode !== undefined) return decode(bytes);
      if (decodeMultipart === undefined || !isMultipart(contentType))
        throw unknownType(contentType);
      return await decodeMultipart(bytes, contentType);
    } catch (error) {
      throw isKratosError(error) ? error : notDecoded(error);
    }
  };
}

const readers = new WeakMap<Edge, WeakMap<DescMessage, BodyReader>>();

/** The reader of whole messages of a schema, composed once an edge. */
export function bodyReaderOf(schema: DescMessage, edge: Edge): BodyReader {
  const known = readers.get(edge) ?? new WeakMap<DescMessage, BodyReader>();
  readers.set(edge, known);
  const reader = known.get(schema) ?? createBodyReader({ schema, field: undefined }, edge);
  known.set(schema, reader);
  return reader;
}

/**
 * Reads a plain value by the codec of the Content-Type, which has to name one that has a form for them;
 * only an empty body may come without, and is undefined.
 * @throws {KratosError} 400 CODEC
 */
export function readPlainBody(
  bytes: Uint8Array,
  { exchange, edge }: { readonly exchange: Exchange; readonly edge: Edge },
): unknown {
  if (bytes.length === 0) return undefined;
  const lines = allLines(exchange.rawHeaders, "content-type");
  const { codec, found } = edge.codecs.select(lines);
  if (!found) throw unknownType(lines[0] ?? "");
  try {
    if (codec.decodeValue === undefined) throw notPlain(codec);
    return codec.decodeValue(bytes);
  } catch (error) {
    throw notDecoded(error);
  }
}

/** The codecs of a registry, each once. */
export function allCodecs(codecs: Edge["codecs"]): ReadonlySet<Codec> {
  const all = new Set<Codec>([codecs.fallback]);
  for (const name of codecs.names) {
    const codec = codecs.get(name);
    if (codec !== undefined) all.add(codec);
  }
  return all;
}

function decoderOf(codec: Codec, shape: BodyShape): MessageDecoder | undefined {
  try {
    return createBodyDecoder(codec, shape);
  } catch {
    return undefined; // this codec has no form for such a field alone: as if it were not there
  }
}

/** The error of a codec that knows messages only. */
export function notPlain({ name }: Codec): Error {
  return new Error(`${name} has no form for plain values, want proto.Message`);
}

function unknownType(contentType: string): KratosError {
  return badRequest("CODEC", `unregister Content-Type: ${contentType}`);
}

function notDecoded(cause: unknown): KratosError {
  return badRequest("CODEC", `body unmarshal ${messageOf(cause)}`, { cause });
}
