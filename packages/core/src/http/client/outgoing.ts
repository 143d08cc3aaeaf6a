import type { Message } from "@bufbuild/protobuf";
import type { Dispatcher } from "undici";
import type { Context } from "../../context/index.ts";
import type { CodecRegistry } from "../../encoding/index.ts";
import { badRequest, messageOf } from "../../errors/index.ts";
import { callOptions } from "../../rpc/index.ts";
import { clientTransport, type HeaderMap } from "../../transport/index.ts";
import { isFraming } from "../wire/reply-header.ts";
import type { CallSender } from "./call-sender.ts";
import type { MethodPlan } from "./method-plan.ts";

/** What one call needs besides its message. */
export interface CallParts {
  readonly plan: MethodPlan;
  readonly ctx: Context;
  readonly sender: CallSender;
  readonly codecs: CodecRegistry;
  readonly maxResponseBytes: number;
}

/**
 * Makes the request of a call, with the headers that middleware and caller have set.
 * @throws {KratosError} 400 CODEC if the message does not fit the path or cannot be encoded
 */
export function outgoing(
  message: Message,
  { plan, ctx, sender }: CallParts,
): Dispatcher.DispatchOptions {
  const { path, body } = built(plan, message);
  const headers: string[] = ["Accept", plan.accept];
  if (body !== undefined) headers.push("Content-Type", plan.contentType);
  if (sender.userAgent !== "") headers.push("User-Agent", sender.userAgent);
  const own = clientTransport(ctx)?.requestHeader;
  for (const name of own?.keys() ?? []) {
    if (isFraming(name)) continue;
    replace(headers, name);
    for (const value of own?.values(name) ?? []) headers.push(name, value);
  }
  return { path, method: plan.httpMethod, headers, body: body ?? null };
}

/** Hands the headers of an answer to the middlewares and to the caller. */
export function noteHeader(ctx: Context, header: HeaderMap): void {
  const reply = clientTransport(ctx)?.replyHeader;
  for (const [name, values] of header.entries())
    for (const value of values) reply?.add(name, value);
  callOptions(ctx).onHeader?.(header);
}

function built(plan: MethodPlan, message: Message): ReturnType<MethodPlan["build"]> {
  try {
    return plan.build(message);
  } catch (error) {
    throw badRequest("CODEC", messageOf(error), { cause: error });
  }
}

/** What a caller says itself stands in place of what the client would say. */
function replace(headers: string[], name: string): void {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]?.toLowerCase() === name) headers.splice(at, 2);
  }
}
