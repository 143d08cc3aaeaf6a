import { background, type Context } from "../../context/index.ts";
import { type CallOptions, limitContext, withCallOptions } from "../../rpc/index.ts";
import { withPeer } from "../../selector/index.ts";
import type { HttpReply, ProtocolParts, RestHooks } from "../protocols/index.ts";
import { isGood, restFailure } from "../protocols/rest-request.ts";
import { type FetchRequest, fetchRequest, type FetchTarget } from "./fetch-request.ts";
import { fetchResponse } from "./fetch-response.ts";

/** What a caller may say about one raw request. */
export interface FetchOptions
  extends
    Pick<RequestInit, "body" | "headers" | "method" | "signal">,
    Pick<CallOptions, "context" | "filters" | "timeoutMs"> {}

/** What raw requests are sent with. */
export interface RawFetchParts {
  readonly parts: ProtocolParts;
  readonly hooks: RestHooks;
  /** Milliseconds for requests that say nothing themselves; 0 is none. */
  readonly timeoutMs: number;
}

/** Sends one raw request. @throws {KratosError} The error of an answer whose status is not 200 to 299, or of none. */
export async function rawFetch(
  target: FetchTarget,
  options: FetchOptions,
  { parts, hooks, timeoutMs }: RawFetchParts,
): Promise<Response> {
  const request = await fetchRequest(target, options);
  if (parts.userAgent !== "" && request.header.get("user-agent") === "") {
    request.header.set("user-agent", parts.userAgent);
  }
  const { filters = [], context = background } = options;
  const signal = options.signal ?? (target instanceof Request ? target.signal : undefined);
  const limits = { context, timeoutMs: options.timeoutMs ?? timeoutMs, ...(signal && { signal }) };
  const ctx = withPeer(withCallOptions(limitContext(limits, timeoutMs), { filters }));
  const reply = await sent(request, { parts, ctx });
  try {
    if (!isGood(reply)) throw await restFailure(reply, { parts, hooks });
    return fetchResponse(reply, { ctx, method: request.method });
  } catch (error) {
    reply.end(error);
    throw error;
  }
}

async function sent(
  request: FetchRequest,
  { parts, ctx }: { readonly parts: ProtocolParts; readonly ctx: Context },
): Promise<HttpReply> {
  try {
    return await parts.sender.send(request, ctx);
  } catch (error) {
    // Refused where it is being read: whoever reads it has ended it then.
    request.source?.cancel(error).catch(() => undefined);
    throw error;
  }
}
