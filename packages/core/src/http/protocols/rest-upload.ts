import type { DescMethod, Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { fromError } from "../../errors/index.ts";
import type { Handler } from "../../middleware/index.ts";
import type { HttpBodyPlace } from "../files/http-body-place.ts";
import { firstRequest } from "./first-request.ts";
import type { ProtocolParts } from "./protocol.ts";
import type { RestHooks } from "./rest-hooks.ts";
import { planRest } from "./rest-plan.ts";
import { buildRequest, type RestCall, restHeader } from "./rest-request.ts";
import { restUnary } from "./rest-unary.ts";
import { UploadBody } from "./upload-body.ts";

/**
 * Composes the calls of a method that streams google.api.HttpBody: one request whose body is the bytes as they
 * come. The first message says where to and of what type; of the others only the bytes count.
 * Undefined for other methods, and on wires that cannot send a body in pieces.
 * @throws {TypeError} If the rule of the method is impossible.
 */
export function restUpload(
  method: DescMethod,
  parts: ProtocolParts,
  options: { readonly hooks?: RestHooks } = {},
): Handler | undefined {
  if (method.methodKind !== "client_streaming" || !parts.sender.streamsRequests) return undefined;
  const plan = planRest(method, parts);
  const { rawRequest: place } = plan;
  if (place === undefined || plan.httpMethod === "GET") return undefined;
  const accept = plan.isRawReply ? "*/*" : parts.codec.contentType;
  const { hooks = {} } = options;
  // completed by the client
  return (requests, ctx) =>
    upload(requests as AsyncIterable<Message>, {
      call: { plan, parts, accept, ctx, hooks },
      place,
    });
}

async function upload(
  requests: AsyncIterable<Message>,
  { call, place }: { readonly call: RestCall; readonly place: HttpBodyPlace },
): Promise<Message> {
  const { plan, ctx } = call;
  const source = requests[Symbol.asyncIterator]();
  let body: UploadBody | undefined;
  try {
    const first = await firstRequest(source, ctx);
    body = new UploadBody(source, { first, place });
    const message = first.done === true ? create(plan.method.input) : first.value;
    const { path, contentType } = buildRequest(plan, message);
    // Whoever stores the bytes would store a coding too, so they are never packed.
    const header = restHeader(call, { contentType, encoding: "" });
    return await restUnary({ method: plan.httpMethod, path, header, body }, call);
  } catch (error) {
    // A call whose requests failed has failed by that, whatever the wire made of it.
    throw body?.failure === undefined ? error : fromError(body.failure);
  } finally {
    // An answer may come before the end of the request, and so may the end of the call.
    if (body === undefined) void source.return?.().then(ignore, ignore);
    else body.leave();
  }
}

function ignore(): void {
  // the call has ended already, and not by this
}
