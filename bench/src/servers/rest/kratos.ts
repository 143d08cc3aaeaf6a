import { HttpServer } from "@kratosjs/core/http";
import { nopLogger, setDefaultLogger } from "@kratosjs/core/log";
import { metadata } from "@kratosjs/core/middleware/metadata";
import { recovery } from "@kratosjs/core/middleware/recovery";
import { Orders } from "../../gen/bench/v1/order_pb.ts";

setDefaultLogger(nopLogger);
const server = new HttpServer({ address: "127.0.0.1:0", middleware: [recovery(), metadata()] });
server.register(Orders, {
  async hello({ name }) {
    return { message: `Hello ${name}` };
  },
  async echoOrder(order) {
    return order;
  },
});
await server.start();
console.log(`PORT ${(await server.endpoint()).port}`);
