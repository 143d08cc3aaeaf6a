import type { HeaderBlock, Stream, StreamAcceptor, StreamListener } from "@kratosjs/h2";
import { stopRequest } from "./reply.ts";
import { parseRequest, Rejection, RequestHead } from "./request-head.ts";
import type { Route } from "./route.ts";
import type { ServerScope } from "./server-scope.ts";
import { StreamCall } from "./stream-call.ts";
import { UnaryCall } from "./unary-call.ts";

/** Makes what the engine asks for each new stream. */
export function callAcceptor(
  routes: ReadonlyMap<string, Route>,
  scope: ServerScope,
): StreamAcceptor {
  return (stream, headers, endStream) => {
    const head = headOf(headers, routes);
    if (head instanceof Rejection) return reject(stream, head, endStream);
    const unary = head.route.operation.method.methodKind === "unary";
    const call = unary ? new UnaryCall(stream, head, scope) : new StreamCall(stream, head, scope);
    if (endStream) call.onEnd(undefined);
    return call;
  };
}

function headOf(headers: HeaderBlock, routes: ReadonlyMap<string, Route>): RequestHead | Rejection {
  const { parsed } = headers;
  if (parsed instanceof RequestHead || parsed instanceof Rejection) return parsed;
  const head = parseRequest(headers.fields, routes);
  headers.parsed = head;
  return head;
}

function reject(stream: Stream, rejection: Rejection, endStream: boolean): StreamListener {
  stream.sendHeaders(rejection.fields, true);
  if (!endStream) stopRequest(stream);
  return {
    onData: (chunk) => stream.consume(chunk.length),
    onEnd: () => {},
    onDrain: () => {},
    onAbort: () => {},
  };
}
