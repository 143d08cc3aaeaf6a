import { create, toBinary } from "@bufbuild/protobuf";
import {
  EchoReplySchema,
  EchoRequestSchema,
  EchoStreamRequestSchema,
} from "../gen/bench/v1/echo_pb.ts";
import { grpcMessage } from "../load/grpc-message.ts";
import type { Case, H2Load, Suite } from "../suite.ts";

const text = "0123456789";
const streamMessages = 200;

const servers = [
  { name: "kratos", module: "echo/kratos" },
  { name: "@grpc/grpc-js", module: "echo/grpc-js" },
  { name: "nice-grpc", module: "echo/nice-grpc", slow: true },
  { name: "@nestjs/microservices grpc", module: "echo/nest", slow: true },
  { name: "@connectrpc/connect-node", module: "echo/connect-node" },
];

const clients = [
  { name: "kratos", module: "kratos" },
  { name: "@grpc/grpc-js", module: "grpc-js" },
  { name: "nice-grpc", module: "nice-grpc", slow: true },
  { name: "@connectrpc/connect-node", module: "connect-node" },
];

/** Ten bytes are text; the larger messages carry the rest as bytes. */
function unary(dataBytes: number, streams: number): H2Load {
  const message = { text, data: new Uint8Array(dataBytes).fill(7) };
  return {
    tool: "h2load",
    path: "/bench.v1.Echo/Echo",
    connections: 8,
    streams,
    grpc: {
      body: grpcMessage(toBinary(EchoRequestSchema, create(EchoRequestSchema, message))),
      reply: { message: toBinary(EchoReplySchema, create(EchoReplySchema, message)), count: 1 },
    },
  };
}

function serverStream(streams: number): H2Load {
  const request = create(EchoStreamRequestSchema, { text, count: streamMessages });
  return {
    tool: "h2load",
    path: "/bench.v1.Echo/EchoStream",
    connections: 8,
    streams,
    grpc: {
      body: grpcMessage(toBinary(EchoStreamRequestSchema, request)),
      reply: {
        message: toBinary(EchoReplySchema, create(EchoReplySchema, { text })),
        count: streamMessages,
      },
    },
  };
}

function client(inFlight: number): Case {
  return {
    name: `client unary 10 B, ${inFlight} in flight`,
    load: { tool: "client", server: "echo/kratos", inFlight },
    peers: clients,
  };
}

/** gRPC servers under the same load, then clients against one server; streams count messages. */
export const grpc: Suite = {
  name: "grpc",
  cases: [
    { name: "server unary 10 B, 8x32 streams", load: unary(0, 32), peers: servers },
    { name: "server unary 10 B, 8x1 streams", load: unary(0, 1), peers: servers },
    { name: "server unary 1 KiB, 8x32 streams", load: unary(1024, 32), peers: servers },
    { name: "server unary 1 KiB, 8x1 streams", load: unary(1024, 1), peers: servers, slow: true },
    { name: "server unary 64 KiB, 8x32 streams", load: unary(65_536, 32), peers: servers },
    {
      name: "server unary 64 KiB, 8x1 streams",
      load: unary(65_536, 1),
      peers: servers,
      slow: true,
    },
    { name: "server stream 10 B, 8x4 streams", load: serverStream(4), peers: servers },
    client(1),
    client(64),
  ],
};
