import { create, toBinary } from "@bufbuild/protobuf";
import { HelloReplySchema, HelloRequestSchema } from "../gen/helloworld/v1/greeter_pb.ts";
import { grpcMessage } from "../load/grpc-message.ts";
import type { Suite } from "../suite.ts";

const grpc = {
  tool: "h2load",
  path: "/helloworld.v1.Greeter/SayHello",
  grpc: {
    body: grpcMessage(toBinary(HelloRequestSchema, create(HelloRequestSchema, { name: "world" }))),
    reply: {
      message: toBinary(HelloReplySchema, create(HelloReplySchema, { message: "Hello world" })),
      count: 1,
    },
  },
} as const;
const grpcPeers = [
  { name: "kratos grpc", module: "kratos-grpc" },
  { name: "@grpc/grpc-js", module: "grpc-js" },
];

/** The first figure: the same hello over gRPC and over REST. */
export const hello: Suite = {
  name: "hello",
  cases: [
    {
      name: "grpc unary, 8x32 streams",
      load: { ...grpc, connections: 8, streams: 32 },
      peers: grpcPeers,
    },
    {
      name: "grpc unary, 8x1 streams",
      load: { ...grpc, connections: 8, streams: 1 },
      peers: grpcPeers,
    },
    {
      name: "rest get, 64 connections",
      load: {
        tool: "wrk",
        path: "/helloworld/world",
        connections: 64,
        json: { message: "Hello world" },
      },
      peers: [
        { name: "kratos http", module: "kratos-http" },
        { name: "fastify", module: "fastify" },
      ],
    },
  ],
};
