import { once } from "node:events";
import {
  type DescMethod,
  create,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type handleUnaryCall,
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import { background, type Context } from "@kratosjs/core/context";
import { toGrpcStatus } from "@kratosjs/core/errors";
import { operationName } from "@kratosjs/core/rpc";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { createTestService, type RequestPacking } from "./test-service.ts";

type Reply = MessageInitShape<DescMethod["output"]>;
type Impl = (request: unknown, ctx: Context) => unknown;
type Call = ServerUnaryCall<Message, Reply> | ServerDuplexStream<Message, Reply>;

const initial = "x-grpc-test-echo-initial";
const trailing = "x-grpc-test-echo-trailing-bin";

/** A server that runs. */
export interface RunningServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** The service of the cases on a server of `@grpc/grpc-js`: what is ours is the service alone. */
export async function startJsServer(packing: RequestPacking): Promise<RunningServer> {
  const server = new Server();
  const service = createTestService(packing) as unknown as Record<string, Impl>; // a function a method
  for (const method of TestService.methods) {
    const run = service[method.localName];
    // What nobody implements is the library's to answer.
    if (run !== undefined && method.name !== "UnimplementedCall") register(server, method, run);
  }
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, stop: async () => server.forceShutdown() };
}

function register(server: Server, method: DescMethod, run: Impl): void {
  const types = {
    unary: "unary",
    server_streaming: "serverStream",
    client_streaming: "clientStream",
    bidi_streaming: "bidi",
  } as const;
  const handler = (call: Call, done?: sendUnaryData<Reply>): void => {
    call.on("error", () => undefined);
    answer(call, run, done).catch((error: unknown) => {
      const { code, message } = toGrpcStatus(error);
      const failure = { code, details: message, metadata: trailerOf(call) };
      if (done === undefined) call.emit("error", failure);
      else done(failure);
    });
  };
  server.register(
    operationName(method),
    handler as unknown as UntypedHandleCall as handleUnaryCall<Message, Reply>, // one for the four kinds
    (reply) => Buffer.from(toBinary(method.output, create(method.output, reply))),
    (bytes) => fromBinary(method.input, bytes),
    types[method.methodKind],
  );
}

async function answer(
  call: Call,
  run: Impl,
  done: sendUnaryData<Reply> | undefined,
): Promise<void> {
  const echoed = new Metadata();
  for (const value of call.metadata.get(initial)) echoed.add(initial, value);
  call.sendMetadata(echoed);
  // Reading to the end must not end the writing.
  const request = "iterator" in call ? call.iterator({ destroyOnReturn: false }) : call.request;
  if (done !== undefined) {
    const reply = await run(request, background);
    done(null, reply as Reply, trailerOf(call)); // the service answers what its method says
    return;
  }
  const stream = call as ServerDuplexStream<Message, Reply>; // no `done` means that it is one
  for await (const reply of run(request, background) as AsyncIterable<Reply>) {
    if (!stream.write(reply)) await once(stream, "drain");
  }
  stream.end(trailerOf(call));
}

function trailerOf(call: Call): Metadata {
  const trailer = new Metadata();
  for (const value of call.metadata.get(trailing)) trailer.add(trailing, value);
  return trailer;
}
