import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type EchoReply,
  EchoReplySchema,
  type EchoRequest,
  EchoRequestSchema,
  type EchoStreamRequest,
  EchoStreamRequestSchema,
} from "./gen/bench/v1/echo_pb.ts";

const reply = {
  responseSerialize: (message: EchoReply) => Buffer.from(toBinary(EchoReplySchema, message)),
  responseDeserialize: (bytes: Uint8Array): EchoReply => fromBinary(EchoReplySchema, bytes),
};

/** The Echo service with the codec of protobuf-es, as grpc-js and nice-grpc take it. */
export const echoDefinition = {
  echo: {
    path: "/bench.v1.Echo/Echo",
    requestStream: false,
    responseStream: false,
    requestSerialize: (message: EchoRequest) => Buffer.from(toBinary(EchoRequestSchema, message)),
    requestDeserialize: (bytes: Uint8Array): EchoRequest => fromBinary(EchoRequestSchema, bytes),
    ...reply,
    options: {},
  },
  echoStream: {
    path: "/bench.v1.Echo/EchoStream",
    requestStream: false,
    responseStream: true,
    requestSerialize: (message: EchoStreamRequest) => Buffer.from(toBinary(EchoStreamRequestSchema, message)),
    requestDeserialize: (bytes: Uint8Array): EchoStreamRequest => fromBinary(EchoStreamRequestSchema, bytes),
    ...reply,
    options: {},
  },
} as const;
