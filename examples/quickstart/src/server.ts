import { App, localRegistry, type ServiceImpl } from "@kratosjs/core";
import { GrpcServer } from "@kratosjs/core/grpc";
import { HttpServer } from "@kratosjs/core/http";
import { logging } from "@kratosjs/core/middleware/logging";
import { recovery } from "@kratosjs/core/middleware/recovery";
import { Greeter } from "./gen/helloworld/v1/greeter_pb.ts";

const [httpAddress = ":8000", grpcAddress = ":9000"] = process.argv.slice(2);

const greeter: ServiceImpl<typeof Greeter> = {
  async sayHello({ name }) {
    return { message: `Hello ${name}` };
  },
  async *sayHelloStream({ name, count }) {
    for (let left = count; left > 0; left -= 1) yield { message: `Hello ${name}` };
  },
};

const http = new HttpServer({ address: httpAddress, middleware: [recovery(), logging()] });
const grpc = new GrpcServer({ address: grpcAddress, middleware: [recovery(), logging()] });
http.register(Greeter, greeter);
grpc.register(Greeter, greeter);
await new App({ name: "quickstart", servers: [http, grpc], registrar: localRegistry() }).run();
