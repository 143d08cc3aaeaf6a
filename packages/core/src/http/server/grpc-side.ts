import { GrpcHandler, type RecordedPort } from "../../grpc/index.ts";
import type { HttpServerOptions } from "./http-server-options.ts";

/** Makes what answers gRPC on the port of an HttpServer; undefined when it is not asked to. */
export function grpcHandlerOf(
  options: HttpServerOptions,
  port: RecordedPort,
): GrpcHandler | undefined {
  const { grpc = false, http2, timeoutMs, middleware, maxBodyBytes } = options;
  if (grpc === false) return undefined;
  if (http2 === false) {
    throw new TypeError("Cannot serve gRPC as it needs HTTP/2: current value of 'http2' is false");
  }
  const given = {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(maxBodyBytes !== undefined && { maxReceiveMessageBytes: maxBodyBytes }),
    ...(grpc !== true && grpc),
    ...(middleware !== undefined && { middleware }),
  };
  return new GrpcHandler(given, port);
}
