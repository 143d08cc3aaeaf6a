import type { Message } from "@bufbuild/protobuf";
import type { Context } from "../../context/index.ts";
import { badRequest, messageOf } from "../../errors/index.ts";
import { clientTransport, HeaderMap } from "../../transport/index.ts";
import { isFraming } from "../wire/framing.ts";
import type { HttpReply, HttpRequest } from "./http-sender.ts";
import { contentEncodings, packed, unpackBody } from "./content-encoding.ts";
import type { ProtocolParts } from "./protocol.ts";
import { replyTooLarge, statusError } from "./rest-error.ts";
import type { PlannedRequest, RestPlan } from "./rest-plan.ts";
import { wholeBody } from "./whole-body.ts";

/** What one REST call needs besides its message. */
export interface RestCall {
  readonly plan: RestPlan;
  readonly ctx: Context;
  readonly parts: ProtocolParts;
  /** What is asked for. */
  readonly accept: string;
}

/**
 * Makes the request of a call, with the headers that middleware and caller have set.
 * @throws {KratosError} 400 CODEC if the message does not fit the path or cannot be encoded
 */
export async function restRequest(message: Message, call: RestCall): Promise<HttpRequest> {
  const { plan, parts, accept } = call;
  const { path, body: plain, contentType = plan.contentType } = build(plan, message);
  const { body, encoding } = await packed(plain, parts);
  const header = new HeaderMap([["accept", accept]]);
  if (body !== undefined) header.set("content-type", contentType);
  if (encoding !== "") header.set("content-encoding", encoding);
  const accepted = contentEncodings(parts);
  if (accepted !== "" && parts.compression !== undefined) header.set("accept-encoding", accepted);
  if (parts.userAgent !== "") header.set("user-agent", parts.userAgent);
  copyMetadata(call.ctx, header);
  return { method: plan.httpMethod, path, header, body };
}

/** Reads a body that is no stream. */
export function restBody(reply: HttpReply, { parts }: RestCall): Promise<Uint8Array> {
  const maxBytes = parts.maxMessageBytes;
  const limits = { maxBytes, tooLarge: () => replyTooLarge(maxBytes) };
  return wholeBody(reply, limits).then((body) => unpackBody(body, reply.header, parts));
}

/** Reads the error of an answer whose status is one. */
export async function restFailure(reply: HttpReply, call: RestCall): Promise<Error> {
  const body = await restBody(reply, call);
  const contentType = reply.header.get("content-type");
  return statusError(body, { status: reply.status, contentType, codecs: call.parts.codecs });
}

/** Whether a status is none of an error. */
export function isGood({ status }: HttpReply): boolean {
  return status >= 200 && status <= 299;
}

function build(plan: RestPlan, message: Message): PlannedRequest {
  try {
    return plan.build(message);
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
