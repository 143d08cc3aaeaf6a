import type { EventEmitter } from "node:events";
import { type DescMethod, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import {
  type CallOptions as JsCallOptions,
  Client,
  type ClientWritableStream,
  compressionAlgorithms,
  credentials,
  Metadata,
  type StatusObject,
} from "@grpc/grpc-js";
import type { CallOptions } from "@kratosjs/core/rpc";
import { operationName } from "@kratosjs/core/rpc";
import { HeaderMap } from "@kratosjs/core/transport";
import type { SimpleRequest } from "../gen/grpc/testing/test_pb.ts";
import type { ClosableConnection } from "./client-cases.ts";

/** WriteFlags.NoCompress of gRPC, which grpc-js knows and does not export. */
const noCompress = 2;

type Writer = ClientWritableStream<Message>;
type Call = ReturnType<Client["makeUnaryRequest"]> | ReturnType<Client["makeServerStreamRequest"]>;

/** A connection of `@grpc/grpc-js`: the cases are written once, for whoever makes the calls. */
export function jsConnection(port: number, packs = false): ClosableConnection {
  const packing = packs ? { "grpc.default_compression_algorithm": compressionAlgorithms.gzip } : {};
  // A channel of its own, or a second client would share it.
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    ...packing,
    "grpc.use_local_subchannel_pool": 1,
  });
  return {
    prepare: (method) => (request, options) => callOf(client, method)(request, options),
    close: async () => client.close(),
  };
}

function callOf(client: Client, method: DescMethod) {
  const path = operationName(method);
  // Reason for both: the messages are those of the method.
  const serialize = (message: unknown): Buffer =>
    Buffer.from(toBinary(method.input, message as Message));
  const deserialize = (bytes: Buffer): Message => fromBinary(method.output, bytes);
  const shape = [path, serialize, deserialize] as const;
  return (request: unknown, options: CallOptions): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const rest = [metadataOf(options), deadlineOf(options)] as const;
      const done = (error: Error | null, reply?: unknown): void =>
        error === null ? resolve(reply) : reject(error);
      const start = {
        unary: () => client.makeUnaryRequest(...shape, request, ...rest, done),
        server_streaming: () => client.makeServerStreamRequest(...shape, request, ...rest),
        client_streaming: () => client.makeClientStreamRequest(...shape, ...rest, done),
        bidi_streaming: () => client.makeBidiStreamRequest(...shape, ...rest),
      };
      const call = start[method.methodKind]();
      follow(call, options);
      // A stream of the caller's is one of messages.
      if (isWritable(call)) void feed(call, request as AsyncIterable<Message>);
      if ("read" in call) resolve(call);
    });
}

function isWritable(call: Call | Writer): call is Writer {
  return "write" in call;
}

function follow(call: Call, options: CallOptions): void {
  call.on("metadata", (metadata: Metadata) => options.onHeader?.(headerOf(metadata)));
  call.on("status", ({ metadata }: StatusObject) => options.onTrailer?.(headerOf(metadata)));
  // A stream tells its reader too.
  (call as EventEmitter).on("error", () => undefined); // none of the events its types know
  const { signal } = options;
  if (signal?.aborted === true) call.cancel();
  signal?.addEventListener("abort", () => call.cancel());
}

async function feed(call: Writer, requests: AsyncIterable<Message>): Promise<void> {
  try {
    for await (const message of requests) {
      const { expectCompressed } = message as Partial<SimpleRequest>; // looked at where it is there
      // One at a time: packing is not in order with what goes past it.
      if (expectCompressed?.value === false) await sendUnpacked(call, message);
      else await new Promise((resolve) => call.write(message, resolve));
    }
    call.end();
  } catch {
    call.cancel();
  }
}

/** write() takes the flags of a message where Node takes an encoding, and Node looks at those now. */
function sendUnpacked(call: Writer, message: Message): Promise<void> {
  return new Promise((resolve) => {
    const inner = (call as unknown as InnerCall).call; // not among its types
    inner.sendMessageWithContext({ flags: noCompress, callback: () => resolve() }, message);
  });
}

interface InnerCall {
  readonly call: {
    sendMessageWithContext(
      context: { readonly flags: number; readonly callback: () => void },
      message: unknown,
    ): void;
  };
}

function metadataOf({ headers = {} }: CallOptions): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers))
    for (const one of [value].flat())
      metadata.add(name, name.endsWith("-bin") ? Buffer.from(one, "base64") : one);
  return metadata;
}

function deadlineOf({ timeoutMs = 0 }: CallOptions): JsCallOptions {
  return timeoutMs > 0 ? { deadline: Date.now() + timeoutMs } : {};
}

function headerOf(metadata: Metadata): HeaderMap {
  const names = Object.keys(metadata.getMap());
  return new HeaderMap(
    names.map((name) => [
      name,
      metadata.get(name).map((one) => (typeof one === "string" ? one : one.toString("base64"))),
    ]),
  );
}
