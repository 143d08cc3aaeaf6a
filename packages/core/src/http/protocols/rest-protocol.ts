import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Context } from "../../context/index.ts";
import { KratosError } from "../../errors/index.ts";
import type { Handler } from "../../middleware/index.ts";
import { operationName } from "../../rpc/index.ts";
import { HeaderMap } from "../../transport/index.ts";
import type { Protocol, ProtocolParts } from "./protocol.ts";
import { noteHeader, noteTrailer } from "./reply-header.ts";
import { notDecoded } from "./rest-error.ts";
import { planRest } from "./rest-plan.ts";
import { isGood, restBody, type RestCall, restFailure, restRequest } from "./rest-request.ts";
import { openRestStream, type RestStreamForm, restStreamTypes } from "./rest-stream.ts";

/** Opens the streams of a method whose requests are a stream, which HTTP/1.1 has no form for. */
export type StreamOpener = (method: DescMethod, parts: ProtocolParts) => Handler;

/** Settings of the REST protocol. */
export interface RestProtocolOptions {
  /** What streams of replies are asked for: server-sent events, or a JSON text a line. @default {"sse"} */
  readonly streams?: RestStreamForm;
  /** Makes the calls of methods that stream requests. @default none: they fail with 501 */
  readonly openStream?: StreamOpener | undefined;
}

/** Calls methods by their google.api.http rules, or by their RPC path without one. */
export function restProtocol(options: RestProtocolOptions = {}): Protocol {
  const form = options.streams ?? "sse";
  const { openStream = refuseStream } = options;
  return (method, parts) => {
    const { methodKind } = method;
    if (methodKind === "client_streaming" || methodKind === "bidi_streaming") {
      return openStream(method, parts);
    }
    const plan = planRest(method, parts);
    const isUnary = methodKind === "unary";
    const message = isUnary ? parts.codec.contentType : restStreamTypes[form];
    const accept = plan.isRawReply ? "*/*" : message;
    const send = isUnary ? sendUnary : sendStream;
    // completed by the client
    return (request, ctx) => send(request as Message, { plan, parts, accept, ctx });
  };
}

async function sendUnary(message: Message, call: RestCall): Promise<Message> {
  const { ctx, parts, plan } = call;
  const reply = await parts.sender.send(await restRequest(message, call), ctx);
  try {
    noteHeader(ctx, reply.header);
    if (!isGood(reply)) throw await restFailure(reply, call);
    const body = await restBody(reply, call);
    const decoded = decode(() => plan.decode(body, reply.header.get("content-type")));
    noteTrailer(ctx, reply.trailer);
    reply.end();
    return decoded;
  } catch (error) {
    reply.end(error);
    throw error;
  }
}

async function sendStream(message: Message, call: RestCall): Promise<unknown> {
  const { ctx, parts } = call;
  const reply = await parts.sender.send(await restRequest(message, call), ctx);
  try {
    noteHeader(ctx, reply.header);
    if (!isGood(reply)) throw await restFailure(reply, call);
    return openRestStream(reply, call);
  } catch (error) {
    noteTrailer(ctx, new HeaderMap());
    reply.end(error);
    throw error;
  }
}

function decode<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw notDecoded(error);
  }
}

function refuseStream(method: DescMethod): (request: unknown, ctx: Context) => Promise<never> {
  const text = `${operationName(method)} streams requests, which REST over HTTP/1.1 cannot carry`;
  return () => Promise.reject(new KratosError(text, { code: 501, reason: "UNIMPLEMENTED" }));
}
