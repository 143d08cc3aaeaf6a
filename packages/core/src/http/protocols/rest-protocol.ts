import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Context } from "../../context/index.ts";
import { KratosError } from "../../errors/index.ts";
import type { Handler } from "../../middleware/index.ts";
import { callOptions, operationName } from "../../rpc/index.ts";
import { HeaderMap } from "../../transport/index.ts";
import type { Protocol, ProtocolParts } from "./protocol.ts";
import { noteHeader, noteTrailer } from "./reply-header.ts";
import type { RestHooks } from "./rest-hooks.ts";
import type { RestPlan } from "./rest-plan.ts";
import { RestPlans } from "./rest-plans.ts";
import { isGood, type RestCall, restFailure, restRequest } from "./rest-request.ts";
import { openRestStream, type RestStreamForm, restStreamTypes } from "./rest-stream.ts";
import { restUnary } from "./rest-unary.ts";

/** Opens the streams of a method whose requests are a stream of messages, which HTTP/1.1 has no form for. */
export type StreamOpener = (method: DescMethod, parts: ProtocolParts) => Handler;

/** Settings of the REST protocol. */
export interface RestProtocolOptions {
  /** What streams of replies are asked for: server-sent events, or a JSON text a line. @default {"sse"} */
  readonly streams?: RestStreamForm;
  /** Makes the calls of methods that stream requests. @default none: they fail with 501 */
  readonly openStream?: StreamOpener | undefined;
  /** What stands in place of the codecs. @default none */
  readonly hooks?: RestHooks;
}

/** Calls methods by their google.api.http rules, or by their RPC path without one. */
export function restProtocol(options: RestProtocolOptions = {}): Protocol {
  const form = options.streams ?? "sse";
  const { openStream = refuseStream, hooks = {} } = options;
  return (method, parts) => {
    const { methodKind } = method;
    if (methodKind === "client_streaming" || methodKind === "bidi_streaming") {
      return openStream(method, parts);
    }
    const plans = new RestPlans(method, { ...parts, ...hooks });
    const isUnary = methodKind === "unary";
    const send = isUnary ? sendUnary : sendStream;
    const run = (request: unknown, ctx: Context, plan: RestPlan): Promise<unknown> => {
      const message = isUnary ? plan.contentType : restStreamTypes[form];
      const accept = plan.isRawReply ? "*/*" : message;
      // completed by the client
      return send(request as Message, { plan, parts, accept, ctx, hooks });
    };
    return (request, ctx) => {
      const { contentType } = callOptions(ctx);
      if (contentType === undefined) return run(request, ctx, plans.usual);
      return plans.of(contentType).then((plan) => run(request, ctx, plan));
    };
  };
}

async function sendUnary(message: Message, call: RestCall): Promise<Message> {
  return restUnary(await restRequest(message, call), call);
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

function refuseStream(method: DescMethod): (request: unknown, ctx: Context) => Promise<never> {
  const text = `${operationName(method)} streams requests, which REST over HTTP/1.1 cannot carry`;
  return () => Promise.reject(new KratosError(text, { code: 501, reason: "UNIMPLEMENTED" }));
}
