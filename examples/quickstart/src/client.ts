import { createClient, localRegistry } from "@kratosjs/core";
import { GrpcClient } from "@kratosjs/core/grpc";
import { Greeter } from "./gen/helloworld/v1/greeter_pb.ts";

const connection = new GrpcClient({
  endpoint: "discovery:///quickstart",
  discovery: localRegistry(),
});
const greeter = createClient(Greeter, connection);

const reply = await greeter.sayHello({ name: "kratos" }, { timeoutMs: 500 });
console.log(reply.message);
for await (const { message } of greeter.sayHelloStream({ name: "again", count: 2 }))
  console.log(message);
await connection.close();
