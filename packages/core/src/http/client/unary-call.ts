import type { Message } from "@bufbuild/protobuf";
import { internalServer, type KratosError, messageOf } from "../../errors/index.ts";
import { callOptions } from "../../rpc/index.ts";
import { HeaderMap } from "../../transport/index.ts";
import { type CallParts, noteHeader, outgoing } from "./outgoing.ts";
import { replyError } from "./reply-error.ts";
import { type WholeReply, WholeReplyReader } from "./whole-reply.ts";

/** Makes a unary call. @throws {KratosError} */
export async function sendUnary(message: Message, parts: CallParts): Promise<Message> {
  const { ctx, sender, maxResponseBytes } = parts;
  const sent = await sender.send(ctx, outgoing(message, parts), (end) => {
    const reader = new WholeReplyReader({ maxBytes: maxResponseBytes, onTooLarge: end });
    return { listener: reader, outcome: reader.reply };
  });
  const { outcome, done } = sent;
  const received = { bytesSent: true, bytesReceived: true, replyHeader: outcome.header };
  try {
    noteHeader(ctx, outcome.header);
    callOptions(ctx).onTrailer?.(new HeaderMap());
    const reply = replyOf(outcome, parts);
    done(received);
    return reply;
  } catch (error) {
    done({ ...received, error });
    throw error;
  }
}

function replyOf(reply: WholeReply, { plan, codecs }: CallParts): Message {
  if (reply.status < 200 || reply.status > 299) throw replyError(reply, codecs);
  try {
    return plan.decode(reply.body, reply.header.get("content-type"));
  } catch (error) {
    throw notDecoded(error);
  }
}

/** An answer that is not what its method answers: the peer's fault. */
export function notDecoded(cause: unknown): KratosError {
  return internalServer("CODEC", `reply unmarshal ${messageOf(cause)}`, { cause });
}
