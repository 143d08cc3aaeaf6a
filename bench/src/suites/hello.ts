import { create, toBinary } from "@bufbuild/protobuf";
import { HelloRequestSchema } from "../gen/helloworld/v1/greeter_pb.ts";
import type { Suite } from "../suite.ts";

/** A gRPC message: the five bytes before it, then its own. */
function grpcMessage(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(5 + message.length);
  new DataView(framed.buffer).setUint32(1, message.length);
  framed.set(message, 5);
  return framed;
}

const body = grpcMessage(toBinary(HelloRequestSchema, create(HelloRequestSchema, { name: "world" })));
const grpc = { tool: "h2load", path: "/helloworld.v1.Greeter/SayHello", grpcBody: body } as const;
const grpcServers = [
  { name: "kratos grpc", module: "kratos-grpc" },
  { name: "@grpc/grpc-js", module: "grpc-js" },
];

/** The first figure: the same hello over gRPC and over REST. */
export const hello: Suite = {
  name: "hello",
  cases: [
    { name: "grpc unary, 8x32 streams", load: { ...grpc, connections: 8, streams: 32 }, servers: grpcServers },
    { name: "grpc unary, 8x1 streams", load: { ...grpc, connections: 8, streams: 1 }, servers: grpcServers },
    {
      name: "rest get, 64 connections",
      load: { tool: "wrk", path: "/helloworld/world", connections: 64 },
      servers: [
        { name: "kratos http", module: "kratos-http" },
        { name: "fastify", module: "fastify" },
      ],
    },
  ],
};
