import { frameWith } from "../../encoding/framing/index.ts";
import { grpcFailure } from "../../errors/index.ts";
import { parseGrpcTimeout } from "../../transport/index.ts";
import { EnvelopedCall, type EnvelopedMethod } from "../enveloped/enveloped-call.ts";
import type { EnvelopeWire } from "../enveloped/envelope-wire.ts";
import type { RouteParts, ServerRoute } from "../server/route.ts";
import {
  acceptedRpcEncodings,
  replyCompression,
  requestCompression,
} from "../server/rpc-compression.ts";
import type { RpcFormat, RpcFormats } from "../server/rpc-format.ts";
import type { Exchange } from "../wire/exchange.ts";
import { allLines, firstLine } from "../wire/header-lines.ts";
import { base64Parts } from "./base64-parts.ts";
import { grpcWebEnd } from "./grpc-web-end.ts";

/** The flag of the envelope that holds the trailers. */
const trailersFlag = 0x80;

/** What a content type says. */
interface WebType {
  readonly contentType: string;
  readonly format: RpcFormat;
  /** Whether the bodies are in base64. */
  readonly text: boolean;
}

/** A method of any kind over gRPC-Web: `application/grpc-web` and `-web-text`, each with `+proto` or `+json`. */
export class GrpcWebRoute implements ServerRoute {
  readonly #method: EnvelopedMethod;
  readonly #formats: RpcFormats;

  constructor(method: EnvelopedMethod, formats: RpcFormats) {
    this.#method = method;
    this.#formats = formats;
  }

  serve(exchange: Exchange, parts: RouteParts): Promise<void> | void {
    const type = this.#typeOf(firstLine(exchange.rawHeaders, "content-type") ?? "");
    if (type === undefined) {
      return exchange.reply({ status: 415, headers: ["Accept-Post", this.#accepted()] });
    }
    let wire: EnvelopeWire;
    try {
      wire = wireOf(exchange, type);
    } catch (error) {
      const headers = ["Content-Type", type.contentType, ...grpcWebEnd({ error, trailers: [] })];
      headers.push("Grpc-Accept-Encoding", acceptedRpcEncodings);
      return exchange.reply({ status: 200, headers });
    }
    return new EnvelopedCall(exchange, parts, { method: this.#method, wire }).serve();
  }

  #typeOf(header: string): WebType | undefined {
    const match = /^application\/grpc-web(-text)?(?:\+([a-z]+))?\s*(?:;|$)/i.exec(header);
    if (match === null) return undefined;
    const [, suffix = "", codec] = match;
    const format = this.#formats.get(codec?.toLowerCase() ?? "proto");
    if (format === undefined) return undefined;
    const contentType = `application/grpc-web${suffix.toLowerCase()}+${format.name}`;
    return { contentType, format, text: suffix !== "" };
  }

  #accepted(): string {
    return ["application/grpc-web", "application/grpc-web-text"]
      .flatMap((type) => [type, ...[...this.#formats.keys()].map((name) => `${type}+${name}`)])
      .join(", ");
  }
}

/** @throws {KratosError} INTERNAL or UNIMPLEMENTED if the headers ask for what there is not. */
function wireOf({ rawHeaders }: Exchange, { contentType, format, text }: WebType): EnvelopeWire {
  const replies = replyCompression(allLines(rawHeaders, "grpc-accept-encoding"));
  const headers = ["Content-Type", contentType];
  if (replies !== undefined) headers.push("Grpc-Encoding", replies.name);
  return {
    format,
    timeoutMs: timeoutOf(firstLine(rawHeaders, "grpc-timeout")),
    requestCompression: requestCompression(firstLine(rawHeaders, "grpc-encoding")),
    replyCompression: replies,
    headers,
    unwrap: text ? base64Parts : (body) => body,
    wrap: text ? toBase64 : (envelopes) => envelopes,
    closing: (end) => frameWith(trailersFlag, lines(grpcWebEnd(end))),
    closingHeaders: (end) => ["Content-Type", contentType, ...grpcWebEnd(end)],
  };
}

function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const timeoutMs = parseGrpcTimeout(text);
  if (timeoutMs !== undefined) return timeoutMs;
  throw grpcFailure("INTERNAL", `malformed grpc-timeout "${text.slice(0, 32)}"`);
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

function lines(fields: readonly string[]): Uint8Array {
  let text = "";
  for (let at = 0; at + 1 < fields.length; at += 2) {
    text += `${fields[at] ?? ""}: ${fields[at + 1] ?? ""}\r\n`;
  }
  return Buffer.from(text, "latin1");
}
