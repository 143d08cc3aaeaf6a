import { create } from "@bufbuild/protobuf";
import { createServer } from "nice-grpc";
import { echoDefinition } from "../../echo-definition.ts";
import {
  EchoReplySchema,
  type EchoRequest,
  type EchoStreamRequest,
} from "../../gen/bench/v1/echo_pb.ts";

const server = createServer();
server.add(echoDefinition, {
  async echo({ text, data }: EchoRequest) {
    return create(EchoReplySchema, { text, data });
  },
  async *echoStream({ text, count }: EchoStreamRequest) {
    for (let left = count; left > 0; left -= 1) yield create(EchoReplySchema, { text });
  },
});
console.log(`PORT ${await server.listen("127.0.0.1:0")}`);
