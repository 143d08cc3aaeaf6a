import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { Controller, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { GrpcMethod, type MicroserviceOptions, Transport } from "@nestjs/microservices";
import { Observable } from "rxjs";

interface Echoed {
  readonly text: string;
  readonly data?: Uint8Array;
}

class EchoController {
  echo({ text, data }: Echoed): Echoed {
    return data === undefined ? { text } : { text, data };
  }

  echoStream({ text, count }: { text: string; count: number }): Observable<Echoed> {
    return new Observable((subscriber) => {
      for (let left = count; left > 0; left -= 1) subscriber.next({ text });
      subscriber.complete();
    });
  }
}

class AppModule {
  readonly name = "bench";
}

/** What `@GrpcMethod("Echo", ...)` above the method does. */
function serve(method: "echo" | "echoStream", rpc: string): void {
  const descriptor = Object.getOwnPropertyDescriptor(EchoController.prototype, method);
  if (descriptor === undefined) throw new Error(`the controller has no method ${method}`);
  GrpcMethod("Echo", rpc)(EchoController.prototype, method, descriptor);
}

/** Nest does not say on which port it listens, so it is told one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a server on a host and port has no other address
  server.close();
  await once(server, "close");
  return port;
}

serve("echo", "Echo");
serve("echoStream", "EchoStream");
Controller()(EchoController);
Module({ controllers: [EchoController] })(AppModule);

const port = await freePort();
const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, {
  transport: Transport.GRPC,
  logger: false,
  options: {
    package: "bench.v1",
    protoPath: fileURLToPath(new URL("../../../proto/bench/v1/echo.proto", import.meta.url)),
    url: `127.0.0.1:${port}`,
  },
});
await app.listen();
console.log(`PORT ${port}`);
