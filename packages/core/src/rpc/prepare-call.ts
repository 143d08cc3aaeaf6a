import type { DescMethod } from "@bufbuild/protobuf";
import { background, type Context } from "../context/index.ts";
import { chain, type Handler, type Middleware } from "../middleware/index.ts";
import { HeaderMap, type Transport, withClientTransport } from "../transport/index.ts";
import { type CallOptions, withCallOptions } from "./call-options.ts";
import type { ClientCall } from "./connection.ts";
import { operationName } from "./service-impl.ts";

/** What a client's edge brings to `prepareCall`. */
export interface ClientEdge {
  readonly kind: string;
  /** The target as the user gave it. */
  readonly endpoint: string;
  readonly middleware: readonly Middleware[];
  /** Milliseconds for unary calls that say nothing themselves; 0 is none. */
  readonly timeoutMs: number;
  /** The template of the path, where the wire has one. */
  readonly pathTemplate?: string | undefined;
  /** Puts the request on the wire; finds its headers in `clientTransport(ctx)`, its options in `callOptions(ctx)`. */
  readonly send: Handler;
}

/** The call of one method through the middlewares to the wire: composed once, run for each call. */
export function prepareCall(method: DescMethod, edge: ClientEdge): ClientCall {
  const { kind, endpoint } = edge;
  const operation = operationName(method);
  const handler = chain(...edge.middleware)(edge.send);
  const defaultTimeoutMs = method.methodKind === "unary" ? edge.timeoutMs : 0;
  return (request, options) => {
    const transport: Transport = {
      kind,
      endpoint,
      operation: options.operation ?? operation,
      pathTemplate: options.pathTemplate ?? edge.pathTemplate,
      method,
      requestHeader: new HeaderMap(Object.entries(options.headers ?? {})),
      replyHeader: new HeaderMap(),
    };
    const limited = limitContext(options, defaultTimeoutMs);
    return handler(request, withCallOptions(withClientTransport(limited, transport), options));
  };
}

/** Answers the context of a call: what its options inherit, ended by their signal and their limit of time. */
export function limitContext(
  options: Pick<CallOptions, "context" | "signal" | "timeoutMs">,
  defaultTimeoutMs: number,
): Context {
  let context = options.context ?? background;
  if (options.signal !== undefined) context = context.withSignal(options.signal);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  // Less than 0 is a time that has run out, as where a caller has computed what is left.
  return timeoutMs === 0 ? context : context.withTimeout(timeoutMs);
}
