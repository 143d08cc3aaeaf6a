import type { Message } from "@bufbuild/protobuf";
import type { Context } from "../../context/index.ts";
import { badRequest, messageOf } from "../../errors/index.ts";
import { callOptions } from "../../rpc/index.ts";
import { clientTransport, HeaderMap } from "../../transport/index.ts";
import { isFraming } from "../wire/framing.ts";
import type { HttpReply, HttpRequest } from "./http-sender.ts";
import { packed, unpackBody } from "./content-encoding.ts";
import type { ProtocolParts } from "./protocol.ts";
import { replyTooLarge, statusError } from "./rest-error.ts";
import type { RestHooks } from "./rest-hooks.ts";
import type { PlannedRequest, RestPlan } from "./rest-plan.ts";
import { wholeBody } from "./whole-body.ts";

/** What one REST call needs besides its message. */
export interface RestCall {
  readonly plan: RestPlan;
  readonly ctx: Context;
  readonly parts: ProtocolParts;
  /** What is asked for. */
  readonly accept: string;
  readonly hooks: RestHooks;
}

/**
 * Makes the request of a call, with the headers that middleware and caller have set.
 * @throws {KratosError} 400 CODEC if the message does not fit the path or cannot be encoded
 */
export async function restRequest(message: Message, call: RestCall): Promise<HttpRequest> {
  const { plan, parts } = call;
  const { contentType: usual = plan.contentType } = callOptions(call.ctx);
  const { path, body: plain, contentType = usual } = buildRequest(plan, message, usual);
  const { body, encoding } = await packed(plain, parts);
  const content = { contentType: body === undefined ? undefined : contentType, encoding };
  return { method: plan.httpMethod, path, header: restHeader(call, content), body };
}

/** Makes the headers of a request: those of its body, then what the client says, then what middleware and caller do. */
export function restHeader(
  { parts, accept: usual, ctx }: RestCall,
  content: { readonly contentType: string | undefined; readonly encoding: string },
): HeaderMap {
  const { contentType, encoding } = content;
  const { accept = usual } = callOptions(ctx);
  const header = new HeaderMap([["accept", accept]]);
  if (contentType !== undefined) header.set("content-type", contentType);
  if (encoding !== "") header.set("content-encoding", encoding);
  if (parts.packing?.encoding) header.set("accept-encoding", parts.packing.accepted);
  if (parts.userAgent !== "") header.set("user-agent", parts.userAgent);
  copyMetadata(ctx, header);
  return header;
}

/** Reads a body that is no stream. */
export function restBody(
  reply: HttpReply,
  { parts }: Pick<RestCall, "parts">,
): Promise<Uint8Array> {
  const maxBytes = parts.maxMessageBytes;
  const limits = { maxBytes, tooLarge: () => replyTooLarge(maxBytes) };
  return wholeBody(reply, limits).then((body) => unpackBody(body, reply.header, parts));
}

/** Reads the error of an answer whose status is one. */
export async function restFailure(
  reply: HttpReply,
  call: Pick<RestCall, "parts" | "hooks">,
): Promise<Error> {
  const { errorDecoder } = call.hooks;
  const body = await restBody(reply, call);
  return statusError(body, { reply, codecs: call.parts.codecs, errorDecoder });
}

/** Whether a status is none of an error. */
export function isGood({ status }: HttpReply): boolean {
  return status >= 200 && status <= 299;
}

/** Makes the parts of a request that its message decides. @throws {KratosError} 400 CODEC if it does not fit */
export function buildRequest(
  plan: RestPlan,
  message: Message,
  contentType: string = plan.contentType,
): PlannedRequest {
  try {
    return plan.build(message, contentType);
  } catch (error) {
    throw badRequest("CODEC", messageOf(error), { cause: error });
  }
}

/** What a caller says itself stands in place of what the client would say. */
function copyMetadata(ctx: Context, header: HeaderMap): void {
  const own = clientTransport(ctx)?.requestHeader;
  for (const name of own?.keys() ?? []) {
    if (isFraming(name)) continue;
    header.delete(name);
    for (const value of own?.values(name) ?? []) header.add(name, value);
  }
}
