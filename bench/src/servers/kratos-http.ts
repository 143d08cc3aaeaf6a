import { HttpServer } from "@kratosjs/core/http";
import { nopLogger, setDefaultLogger } from "@kratosjs/core/log";
import { metadata } from "@kratosjs/core/middleware/metadata";
import { recovery } from "@kratosjs/core/middleware/recovery";
import { Greeter } from "../gen/helloworld/v1/greeter_pb.ts";
import { greeter } from "./greeter.ts";

setDefaultLogger(nopLogger);
const server = new HttpServer({ address: "127.0.0.1:0", middleware: [recovery(), metadata()] });
server.register(Greeter, greeter);
await server.start();
console.log(`PORT ${(await server.endpoint()).port}`);
