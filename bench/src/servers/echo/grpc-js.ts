import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
} from "@grpc/grpc-js";
import { echoDefinition } from "../../echo-definition.ts";
import {
  type EchoReply,
  EchoReplySchema,
  type EchoRequest,
  type EchoStreamRequest,
} from "../../gen/bench/v1/echo_pb.ts";

const server = new Server();
server.addService(echoDefinition, {
  echo(call: ServerUnaryCall<EchoRequest, EchoReply>, callback: sendUnaryData<EchoReply>) {
    const { text, data } = call.request;
    callback(null, create(EchoReplySchema, { text, data }));
  },
  async echoStream(call: ServerWritableStream<EchoStreamRequest, EchoReply>) {
    const { text, count } = call.request;
    for (let left = count; left > 0; left -= 1) {
      if (!call.write(create(EchoReplySchema, { text }))) await once(call, "drain");
    }
    call.end();
  },
});
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(`PORT ${port}`);
});
