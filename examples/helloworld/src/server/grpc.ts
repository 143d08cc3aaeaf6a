import { GrpcServer } from "@kratosjs/core/grpc";
import type { Server_GRPC } from "../gen/conf/v1/conf_pb.ts";
import { Greeter } from "../gen/helloworld/v1/greeter_pb.ts";
import { fromConf, type ServerParts } from "./http.ts";

/** The gRPC side of the service. */
export function grpcServer(conf: Server_GRPC | undefined, parts: ServerParts): GrpcServer {
  const server = new GrpcServer({ middleware: parts.middleware, ...fromConf(conf) });
  server.register(Greeter, parts.greeter);
  return server;
}
