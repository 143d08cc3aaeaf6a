import {
  type CallOptions,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ChannelOptions,
  type Metadata,
  type requestCallback,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type EchoReply,
  EchoReplySchema,
  type EchoRequest,
  EchoRequestSchema,
} from "./echo_pb.ts";

type RequestInit = MessageInitShape<typeof EchoRequestSchema>;
type ReplyInit = MessageInitShape<typeof EchoReplySchema>;

/** The test service implemented for a server of `@grpc/grpc-js`, in part. */
export interface ForeignHandlers {
  readonly say?: (call: ServerUnaryCall<EchoRequest, ReplyInit>, reply: sendUnaryData<ReplyInit>) => void;
  readonly repeat?: (call: ServerWritableStream<EchoRequest, ReplyInit>) => void;
  readonly gather?: (call: ServerReadableStream<EchoRequest, ReplyInit>, reply: sendUnaryData<ReplyInit>) => void;
  readonly chat?: (call: ServerDuplexStream<EchoRequest, ReplyInit>) => void;
}

/** The test service as a client of `@grpc/grpc-js` calls it. */
export interface ForeignClient {
  say(request: RequestInit, metadata: Metadata, options: CallOptions, done: requestCallback<EchoReply>): ClientUnaryCall;
  repeat(request: RequestInit): ClientReadableStream<EchoReply>;
  gather(done: requestCallback<EchoReply>): ClientWritableStream<RequestInit>;
  chat(): ClientDuplexStream<RequestInit, EchoReply>;
  close(): void;
}

function method(name: string, requestStream: boolean, responseStream: boolean) {
  return {
    path: `/kratos.test.v1.Echo/${name}`,
    requestStream,
    responseStream,
    requestSerialize: (value: RequestInit) =>
      Buffer.from(toBinary(EchoRequestSchema, create(EchoRequestSchema, value))),
    requestDeserialize: (bytes: Buffer) => fromBinary(EchoRequestSchema, bytes),
    responseSerialize: (value: ReplyInit) =>
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
export function foreignClient(address: string, options: ChannelOptions = {}): ForeignClient {
  const Constructor = makeGenericClientConstructor(foreignEcho, "Echo");
  return new Constructor(address, credentials.createInsecure(), options) as unknown as ForeignClient;
}

/** A server of `@grpc/grpc-js` that runs. */
export interface ForeignServer extends AsyncDisposable {
  readonly server: Server;
  readonly address: string;
}

/** Starts a server of `@grpc/grpc-js`; port 0 is any free one. */
export async function startForeign(
  implementation: ForeignHandlers,
  options: ChannelOptions & { readonly port?: number } = {},
): Promise<ForeignServer> {
  const { port: wanted = 0, ...channel } = options;
  const server = new Server(channel);
  server.addService(foreignEcho, implementation as UntypedServiceImplementation);
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
