import { replyTrailer } from "@kratosjs/core/grpc";
import type { Middleware } from "@kratosjs/core/middleware";
import { serverTransport } from "@kratosjs/core/transport";

const initial = "x-grpc-test-echo-initial";
const trailing = "x-grpc-test-echo-trailing-bin";

/** Sends back the two entries of metadata that the case custom_metadata asks for. */
export const echoMetadata: Middleware = (next) => (request, ctx) => {
  const transport = serverTransport(ctx);
  for (const value of transport?.requestHeader.values(initial) ?? [])
    transport?.replyHeader.add(initial, value);
  for (const value of transport?.requestHeader.values(trailing) ?? [])
    replyTrailer(ctx)?.add(trailing, value);
  return next(request, ctx);
};
