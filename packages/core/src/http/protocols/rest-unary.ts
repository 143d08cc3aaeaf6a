import type { Message } from "@bufbuild/protobuf";
import { isKratosError } from "../../errors/index.ts";
import type { HttpReply, HttpRequest } from "./http-sender.ts";
import { noteHeader, noteTrailer } from "./reply-header.ts";
import { notDecoded } from "./rest-error.ts";
import { isGood, restBody, type RestCall, restFailure } from "./rest-request.ts";

/** Sends a request and reads the one message it is answered with. @throws {KratosError} */
export async function restUnary(request: HttpRequest, call: RestCall): Promise<Message> {
  const { ctx, parts } = call;
  const reply = await parts.sender.send(request, ctx);
  try {
    noteHeader(ctx, reply.header);
    if (!isGood(reply)) throw await restFailure(reply, call);
    const body = await restBody(reply, call);
    const decoded = decode(() => decodeReply(body, reply, call));
    noteTrailer(ctx, reply.trailer);
    reply.end();
    return decoded;
  } catch (error) {
    reply.end(error);
    throw error;
  }
}

function decodeReply(body: Uint8Array, reply: HttpReply, { plan, hooks }: RestCall): Message {
  const { status, header } = reply;
  const { method, replyField: field } = plan;
  const own = hooks.responseDecoder?.(body, { method, field, status, header });
  return own ?? plan.decode(body, header.get("content-type"));
}

function decode<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw isKratosError(error) ? error : notDecoded(error);
  }
}
