import type { HeaderBlock, Stream, StreamAcceptor, StreamListener } from "@kratosjs/h2";
import { fieldValue } from "../../errors/index.ts";
import { grpcSubtype } from "../wire/message-format.ts";
import { stopRequest } from "./reply.ts";
import { parseRequest, Rejection, RequestHead } from "./request-head.ts";
import type { RouteTable } from "./route-table.ts";
import type { ServerScope } from "./server-scope.ts";
import { StreamCall } from "./stream-call.ts";
import { UnaryCall } from "./unary-call.ts";

/** Makes what the engine asks for each new stream of a connection. */
export function callAcceptor(routes: RouteTable, scope: ServerScope): StreamAcceptor {
  return (stream, headers, endStream) => {
    const head = headOf(headers, routes);
    const { traffic } = scope;
    traffic.started += 1;
    if (head instanceof Rejection) {
      traffic.failed += 1;
      traffic.lastStartedAt = Date.now();
      return reject(stream, head, endStream);
    }
    const unary = head.route.kind === "unary";
    const call = unary ? new UnaryCall(stream, head, scope) : new StreamCall(stream, head, scope);
    traffic.lastStartedAt = call.startedAt;
    if (endStream) call.onEnd(undefined);
    return call;
  };
}

/** Whether a request is gRPC's, by its content type; what was found out is remembered with the block. */
export function isGrpcCall(headers: HeaderBlock): boolean {
  const { parsed } = headers;
  if (parsed !== undefined) return parsed instanceof RequestHead || parsed instanceof Rejection;
  return grpcSubtype(fieldValue(headers.fields, "content-type") ?? "") !== undefined;
}

function headOf(headers: HeaderBlock, routes: RouteTable): RequestHead | Rejection {
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
