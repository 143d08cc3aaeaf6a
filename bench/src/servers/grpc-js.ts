import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall } from "@grpc/grpc-js";
import {
  type HelloReply,
  HelloReplySchema,
  type HelloRequest,
  HelloRequestSchema,
} from "../gen/helloworld/v1/greeter_pb.ts";

const server = new Server();
server.addService(
  {
    sayHello: {
      path: "/helloworld.v1.Greeter/SayHello",
      requestStream: false,
      responseStream: false,
      requestSerialize: (message: HelloRequest) =>
        Buffer.from(toBinary(HelloRequestSchema, message)),
      requestDeserialize: (bytes: Buffer) => fromBinary(HelloRequestSchema, bytes),
      responseSerialize: (message: HelloReply) => Buffer.from(toBinary(HelloReplySchema, message)),
      responseDeserialize: (bytes: Buffer) => fromBinary(HelloReplySchema, bytes),
    },
  },
  {
    sayHello(call: ServerUnaryCall<HelloRequest, HelloReply>, callback: sendUnaryData<HelloReply>) {
      callback(null, create(HelloReplySchema, { message: `Hello ${call.request.name}` }));
    },
  },
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(`PORT ${port}`);
});
