import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Context } from "../../../context/index.ts";
import { messageTooLarge } from "../../../encoding/framing/index.ts";
import { contentSubtype } from "../../../encoding/index.ts";
import type { Handler } from "../../../middleware/index.ts";
import { operationName } from "../../../rpc/index.ts";
import { connectFailure } from "./connect-error.ts";
import { connectGetQuery } from "./connect-get.ts";
import { connectHeader, splitTrailer } from "./connect-header.ts";
import { contentTypeError } from "../content-type-error.ts";
import { packed, type PackedBody, unpackBody } from "../content-encoding.ts";
import type { HttpReply, HttpRequest } from "../http-sender.ts";
import { type MessageFormat, messageFormat } from "../message-format.ts";
import type { ProtocolParts } from "../protocol.ts";
import { noteHeader, noteTrailer } from "../reply-header.ts";
import type { OwnField } from "../request-header.ts";
import { rpcFailure } from "../rpc-failure.ts";
import { wholeBody } from "../whole-body.ts";

/** The longest URL a GET may have: a longer message goes by POST. */
const longestPath = 8192;

interface UnaryCall {
  readonly path: string;
  readonly parts: ProtocolParts;
  readonly format: MessageFormat;
  readonly byGet: boolean;
  readonly ctx: Context;
}

/** Composes the unary calls of a method over the Connect protocol. */
export function connectUnary(
  method: DescMethod,
  parts: ProtocolParts,
  { byGet }: { readonly byGet: boolean },
): Handler {
  const format = messageFormat(method, parts.codec);
  const path = operationName(method);
  return async (request, ctx) => {
    const call = { path, parts, format, byGet, ctx };
    try {
      const reply = await parts.sender.send(await requestOf(request, call), ctx);
      return await received(reply, call);
    } catch (error) {
      throw rpcFailure(error);
    }
  };
}

async function requestOf(message: unknown, call: UnaryCall): Promise<HttpRequest> {
  const { parts, format, byGet, ctx, path } = call;
  const content = await packed(format.encode(message), parts);
  const url = byGet ? `${path}?${connectGetQuery(content, parts.codec)}` : undefined;
  const common: OwnField = ["accept-encoding", parts.packing?.accepted];
  if (url !== undefined && url.length <= longestPath) {
    return {
      method: "GET",
      path: url,
      header: connectHeader(ctx, parts, [common]),
      body: undefined,
    };
  }
  const header = connectHeader(ctx, parts, [common, ...postHeader(content, parts)]);
  return { method: "POST", path, header, body: content.body };
}

function postHeader({ encoding }: PackedBody, { codec }: ProtocolParts): readonly OwnField[] {
  return [
    ["content-type", `application/${codec.name}`],
    ["connect-protocol-version", "1"],
    ["content-encoding", encoding],
  ];
}

async function received(reply: HttpReply, call: UnaryCall): Promise<Message> {
  const { ctx, format } = call;
  try {
    const { header, trailer } = splitTrailer(reply.header);
    noteHeader(ctx, header);
    if (reply.status !== 200) {
      const failure = connectFailure(reply.status, await errorBody(reply, call));
      noteTrailer(ctx, trailer);
      throw failure;
    }
    checkContentType(reply, call);
    const message = format.decode(await bodyOf(reply, call));
    noteTrailer(ctx, trailer);
    reply.end();
    return message;
  } catch (error) {
    reply.end(error);
    throw error;
  }
}

function bodyOf(reply: HttpReply, { parts }: UnaryCall): Promise<Uint8Array> {
  const maxBytes = parts.maxMessageBytes;
  const tooLarge = (size: number): Error => messageTooLarge(size, maxBytes);
  return wholeBody(reply, { maxBytes, tooLarge }).then((body) =>
    unpackBody(body, reply.header, parts),
  );
}

/** The JSON of an error; undefined where the answer is not the peer's own. */
async function errorBody(reply: HttpReply, call: UnaryCall): Promise<Uint8Array | undefined> {
  const subtype = contentSubtype(reply.header.get("content-type"));
  return subtype.toLowerCase() === "json" ? bodyOf(reply, call) : undefined;
}

function checkContentType(reply: HttpReply, { parts }: UnaryCall): void {
  const contentType = reply.header.get("content-type");
  const subtype = contentSubtype(contentType).toLowerCase();
  if (subtype === parts.codec.name) return;
  const isKnown = subtype === "json" || subtype === "proto";
  throw contentTypeError(contentType, { isKnown });
}
