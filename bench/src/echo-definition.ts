import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import {
  EchoReplySchema,
  EchoRequestSchema,
  EchoStreamRequestSchema,
} from "./gen/bench/v1/echo_pb.ts";

/** A method as grpc-js and nice-grpc take it. */
export interface MethodDefinition<
  I extends DescMessage,
  O extends DescMessage,
  Streams extends boolean,
> {
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: Streams;
  readonly requestSerialize: (message: MessageShape<I>) => Buffer;
  readonly requestDeserialize: (bytes: Uint8Array) => MessageShape<I>;
  readonly responseSerialize: (message: MessageShape<O>) => Buffer;
  readonly responseDeserialize: (bytes: Uint8Array) => MessageShape<O>;
  readonly options: object;
}

interface Shape<I extends DescMessage, O extends DescMessage, Streams extends boolean> {
  readonly input: I;
  readonly output: O;
  readonly streams: Streams;
}

/** The Echo service with the codec of protobuf-es. */
export const echoDefinition: {
  readonly echo: MethodDefinition<typeof EchoRequestSchema, typeof EchoReplySchema, false>;
  readonly echoStream: MethodDefinition<
    typeof EchoStreamRequestSchema,
    typeof EchoReplySchema,
    true
  >;
} = {
  echo: define("Echo", { input: EchoRequestSchema, output: EchoReplySchema, streams: false }),
  echoStream: define("EchoStream", {
    input: EchoStreamRequestSchema,
    output: EchoReplySchema,
    streams: true,
  }),
};

function define<I extends DescMessage, O extends DescMessage, Streams extends boolean>(
  method: string,
  { input, output, streams }: Shape<I, O, Streams>,
): MethodDefinition<I, O, Streams> {
  return {
    path: `/bench.v1.Echo/${method}`,
    requestStream: false,
    responseStream: streams,
    requestSerialize: (message) => Buffer.from(toBinary(input, message)),
    requestDeserialize: (bytes) => fromBinary(input, bytes),
    responseSerialize: (message) => Buffer.from(toBinary(output, message)),
    responseDeserialize: (bytes) => fromBinary(output, bytes),
    options: {},
  };
}
