/** A second process: knows the service by its name alone, and calls it over REST and over gRPC. */
import { type CallOptions, createClient, fromError, localRegistry } from "@kratosjs/core";
import { GrpcClient } from "@kratosjs/core/grpc";
import { HttpClient } from "@kratosjs/core/http";
import { errors } from "../biz/greeter.ts";
import { Greeter } from "../gen/helloworld/v1/greeter_pb.ts";

const target = "discovery:///helloworld";

async function show(call: string, answer: Promise<string>): Promise<void> {
  console.log(`  ${call.padEnd(46)} ${await answer}`);
}

async function collect(stream: AsyncIterable<{ message: string }>): Promise<string> {
  const messages: string[] = [];
  for await (const { message } of stream) messages.push(message);
  return messages.join(", ");
}

/** The error that was declared in the proto, come back whole; anything else is a failure of the demo. */
async function declaredError(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => new Error("the call should have failed"),
    (caught: unknown) => caught,
  );
  if (!errors.isGreeterNotFound(error)) throw error;
  const { code, reason, message } = fromError(error);
  return `${code} ${reason}: ${message}`;
}

async function callAll(wire: string, connection: HttpClient | GrpcClient): Promise<void> {
  const greeter = createClient(Greeter, connection);
  const options: CallOptions = { timeoutMs: 5000 };
  console.log(`\n${wire}, found by ${target}`);
  await show(
    'sayHello({ name: "kratos" })',
    greeter.sayHello({ name: "kratos" }, options).then(({ message }) => message),
  );
  await show(
    'sayHelloStream({ name: "kratos", count: 3 })',
    collect(greeter.sayHelloStream({ name: "kratos", count: 3 }, options)),
  );
  await show(
    'sayHello({ name: "nobody" })',
    declaredError(greeter.sayHello({ name: "nobody" }, options)),
  );
  await connection.close();
}

const discovery = localRegistry();
await callAll("REST", new HttpClient({ endpoint: target, discovery }));
await callAll("gRPC", new GrpcClient({ endpoint: target, discovery }));
