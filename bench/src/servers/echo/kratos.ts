import { GrpcServer } from "@kratosjs/core/grpc";
import { nopLogger, setDefaultLogger } from "@kratosjs/core/log";
import { metadata } from "@kratosjs/core/middleware/metadata";
import { recovery } from "@kratosjs/core/middleware/recovery";
import { Echo } from "../../gen/bench/v1/echo_pb.ts";

setDefaultLogger(nopLogger);
const server = new GrpcServer({ address: "127.0.0.1:0", middleware: [recovery(), metadata()] });
server.register(Echo, {
  async echo({ text, data }) {
    return { text, data };
  },
  async *echoStream({ text, count }) {
    for (let left = count; left > 0; left -= 1) yield { text };
  },
});
await server.start();
console.log(`PORT ${(await server.endpoint()).port}`);
