import type { Message } from "@bufbuild/protobuf";
import type { Compression } from "../../encoding/compression/index.ts";
import type { EnvelopedMethod } from "../enveloped/enveloped-call.ts";
import type { RouteParts, ServerRoute } from "../server/route.ts";
import { rpcBodyFailure } from "../server/rpc-body.ts";
import {
  acceptedRpcEncodings,
  replyCompression,
  requestCompression,
} from "../server/rpc-compression.ts";
import type { RpcFormat, RpcFormats } from "../server/rpc-format.ts";
import { type CallPlan, ServerCall } from "../server/server-call.ts";
import { shorterTimeout } from "../server/shorter-timeout.ts";
import type { Exchange } from "../wire/exchange.ts";
import { allLines, firstLine } from "../wire/header-lines.ts";
import { replyConnectError } from "./connect-reply.ts";
import { checkConnectVersion, parseConnectTimeout, refuseType } from "./connect-request.ts";

/** What a request says of itself, and how to get at its message. */
export interface ConnectRequest {
  readonly format: RpcFormat;
  readonly compression: Compression | undefined;
  readonly timeoutMs: number | undefined;
  /** Reads the message as it was sent, packed or not. */
  readonly read: () => Promise<Uint8Array> | Uint8Array;
}

/** A unary method over Connect: `application/proto` and `application/json`, the message as the body. */
export class ConnectUnaryRoute implements ServerRoute {
  readonly #method: EnvelopedMethod;
  readonly #formats: RpcFormats;

  constructor(method: EnvelopedMethod, formats: RpcFormats) {
    this.#method = { ...method, plan: { ...method.plan, answerError } };
    this.#formats = formats;
  }

  serve(exchange: Exchange, parts: RouteParts): Promise<void> | void {
    const { rawHeaders } = exchange;
    const contentType = firstLine(rawHeaders, "content-type") ?? "";
    const codec = /^application\/([a-z]+)\s*(?:;|$)/i.exec(contentType)?.[1];
    const format = this.#formats.get(codec?.toLowerCase() ?? "");
    const { methodKind } = this.#method.bound.operation.method;
    if (format === undefined || methodKind !== "unary") {
      return refuseType(exchange, methodKind, this.#formats);
    }
    return this.answer(exchange, parts, () => {
      checkConnectVersion(firstLine(rawHeaders, "connect-protocol-version"));
      const { maxMessageBytes } = this.#method;
      const compression = requestCompression(firstLine(rawHeaders, "content-encoding"));
      return {
        format,
        timeoutMs: parseConnectTimeout(firstLine(rawHeaders, "connect-timeout-ms")),
        compression,
        read: () =>
          compression === undefined
            ? exchange.readBody(maxMessageBytes)
            : collect(exchange.body(maxMessageBytes)),
      };
    });
  }

  /** Answers the request that `parse` makes of the exchange; rejects only where no answer can be sent. */
  async answer(
    exchange: Exchange,
    { ctx }: RouteParts,
    parse: () => ConnectRequest,
  ): Promise<void> {
    const { bound, plan } = this.#method;
    let request: ConnectRequest;
    try {
      request = parse();
    } catch (error) {
      return replyConnectError(exchange, error, { headers: [] });
    }
    const call = new ServerCall(exchange, ctx, planFor(request, plan));
    try {
      const message = await this.#message(request);
      const reply = await bound.handler(message, call.context);
      await this.#reply(call, request.format, reply);
    } catch (error) {
      call.fail(error);
      if (!exchange.answered && !exchange.closed) throw error;
    }
  }

  async #message({ read, compression, format }: ConnectRequest): Promise<Message> {
    const { maxMessageBytes } = this.#method;
    const bytes = await readBytes(read);
    if (compression === undefined || bytes.length === 0) return format.decode(bytes);
    return format.decode(await compression.decompress(bytes, { maxMessageBytes }));
  }

  async #reply(call: ServerCall, format: RpcFormat, reply: unknown): Promise<void> {
    const { exchange } = call;
    let body = format.encode(reply);
    const headers = ["Content-Type", `application/${format.name}`, ...trailersOf(call)];
    headers.push("Accept-Encoding", acceptedRpcEncodings);
    const compression = replyCompression(allLines(exchange.rawHeaders, "accept-encoding"));
    if (compression !== undefined && body.length >= this.#method.compressMinBytes) {
      body = await compression.compress(body);
      headers.push("Content-Encoding", compression.name);
    }
    if (exchange.method === "GET" || exchange.method === "HEAD") {
      exchange.replyHeader.add("Vary", "Accept-Encoding");
    }
    if (call.settle()) exchange.reply({ status: 200, headers, body });
  }
}

function planFor({ timeoutMs }: ConnectRequest, plan: CallPlan): CallPlan {
  if (timeoutMs === undefined) return plan;
  return { ...plan, timeoutMs: shorterTimeout(plan.timeoutMs, timeoutMs) };
}

async function readBytes(read: ConnectRequest["read"]): Promise<Uint8Array> {
  try {
    return await read();
  } catch (error) {
    throw rpcBodyFailure(error);
  }
}

function answerError(error: unknown, exchange: Exchange, call: ServerCall): void {
  replyConnectError(exchange, error, { headers: trailersOf(call) });
}

/** The trailers as headers: an answer of a unary method has no others. */
function trailersOf({ trailerFields }: ServerCall): readonly string[] {
  return trailerFields.map((item, at) => (at % 2 === 0 ? `Trailer-${item}` : item));
}

/** Puts a packed body together; one that is not packed is read whole by the wire. */
async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
