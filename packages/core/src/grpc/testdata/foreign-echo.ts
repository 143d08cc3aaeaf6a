import {
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ChannelOptions,
  type Client,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type EchoReply,
  EchoReplySchema,
  type EchoRequest,
  EchoRequestSchema,
} from "./echo_pb.ts";

function method(name: string, requestStream: boolean, responseStream: boolean) {
  return {
    path: `/kratos.test.v1.Echo/${name}`,
    requestStream,
    responseStream,
    requestSerialize: (value: Partial<EchoRequest>) =>
      Buffer.from(toBinary(EchoRequestSchema, create(EchoRequestSchema, value))),
    requestDeserialize: (bytes: Buffer) => fromBinary(EchoRequestSchema, bytes),
    responseSerialize: (value: Partial<EchoReply>) =>
      Buffer.from(toBinary(EchoReplySchema, create(EchoReplySchema, value))),
    responseDeserialize: (bytes: Buffer) => fromBinary(EchoReplySchema, bytes),
  };
}

/** The test service as `@grpc/grpc-js` describes services. */
export const foreignEcho: ServiceDefinition = {
  say: method("Say", false, false),
  repeat: method("Repeat", false, true),
  gather: method("Gather", true, false),
  chat: method("Chat", true, true),
};

/** A client of `@grpc/grpc-js`; the methods are those of `foreignEcho`. */
export function foreignClient(address: string, options: ChannelOptions = {}): Client {
  const Constructor = makeGenericClientConstructor(foreignEcho, "Echo");
  return new Constructor(address, credentials.createInsecure(), options);
}

/** A server of `@grpc/grpc-js` that runs. */
export interface ForeignServer extends AsyncDisposable {
  readonly server: Server;
  readonly address: string;
}

/** Starts a server of `@grpc/grpc-js`; port 0 is any free one. */
export async function startForeign(
  implementation: UntypedServiceImplementation,
  options: ChannelOptions & { readonly port?: number } = {},
): Promise<ForeignServer> {
  const { port: wanted = 0, ...channel } = options;
  const server = new Server(channel);
  server.addService(foreignEcho, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${wanted}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    server,
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}
