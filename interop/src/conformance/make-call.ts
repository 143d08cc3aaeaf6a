/** The client's half of the suite: makes one call as it is described and tells what came of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import { type CallOptions, type Client, type Connection, createClient } from "@kratosjs/core/rpc";
import {
  type ClientCompatRequest,
  type ClientResponseResult,
  ClientResponseResultSchema,
} from "../gen/connectrpc/conformance/v1/client_compat_pb.ts";
import { StreamType } from "../gen/connectrpc/conformance/v1/config_pb.ts";
import {
  BidiStreamRequestSchema,
  ClientStreamRequestSchema,
  type ConformancePayload,
  ConformanceService,
  IdempotentUnaryRequestSchema,
  ServerStreamRequestSchema,
  UnaryRequestSchema,
  UnimplementedRequestSchema,
} from "../gen/connectrpc/conformance/v1/service_pb.ts";
import { CallProgress } from "./call-progress.ts";
import { listHeaders } from "./headers.ts";
import { statusOf } from "./status.ts";

interface Call {
  readonly request: ClientCompatRequest;
  readonly client: Client<typeof ConformanceService>;
  readonly options: CallOptions;
  readonly progress: CallProgress;
}

type Reply = { payload?: ConformancePayload | undefined };

const methods: Readonly<Record<string, (call: Call) => Promise<void>>> = {
  Unary: (call) => one(call, call.client.unary(only(call, UnaryRequestSchema), call.options)),
  IdempotentUnary: (call) =>
    one(call, call.client.idempotentUnary(only(call, IdempotentUnaryRequestSchema), call.options)),
  Unimplemented: async (call) => {
    await call.client.unimplemented(only(call, UnimplementedRequestSchema), call.options);
  },
  ClientStream: async (call) => {
    const requests = all(call, ClientStreamRequestSchema);
    call.progress.answered((await call.client.clientStream(requests, call.options)).payload);
  },
  ServerStream: (call) => {
    const replies = call.client.serverStream(only(call, ServerStreamRequestSchema), call.options);
    call.progress.closed();
    return many(call, replies);
  },
  BidiStream: (call) =>
    many(call, call.client.bidiStream(all(call, BidiStreamRequestSchema), call.options)),
};

/**
 * Makes the call the runner asks for.
 * @throws {Error} If it is not one of the suite's.
 */
export async function makeCall(
  request: ClientCompatRequest,
  connection: Connection,
): Promise<ClientResponseResult> {
  const make = methods[request.method ?? ""];
  if (make === undefined) throw new Error(`no method "${request.method}"`);
  const progress = new CallProgress(request.cancel);
  const result = create(ClientResponseResultSchema);
  const options: CallOptions = {
    headers: headersOf(request),
    signal: progress.signal,
    onHeader: (header) => (result.responseHeaders = listHeaders(header)),
    onTrailer: (trailer) => (result.responseTrailers = listHeaders(trailer)),
    ...(request.timeoutMs !== undefined && { timeoutMs: request.timeoutMs }),
  };
  try {
    await make({
      request,
      client: createClient(ConformanceService, connection),
      options,
      progress,
    });
  } catch (error) {
    result.error = statusOf(error);
  }
  progress.end();
  result.payloads = progress.payloads;
  result.numUnsentRequests = request.requestMessages.length - progress.sent;
  return result;
}

async function one(call: Call, reply: Promise<Reply>): Promise<void> {
  call.progress.closed();
  call.progress.answered((await reply).payload);
}

async function many(call: Call, replies: AsyncIterable<Reply>): Promise<void> {
  for await (const { payload } of replies) call.progress.answered(payload);
}

function only<S extends DescMessage>(call: Call, schema: S): MessageShape<S> {
  const [message] = call.request.requestMessages;
  call.progress.sent = 1;
  return unpack(message, schema);
}

async function* all<S extends DescMessage>(
  { request, progress }: Call,
  schema: S,
): AsyncGenerator<MessageShape<S>> {
  const inTurns = request.streamType === StreamType.FULL_DUPLEX_BIDI_STREAM;
  for (const message of request.requestMessages) {
    if (inTurns) await progress.answers(progress.sent);
    if (request.requestDelayMs > 0) await sleep(request.requestDelayMs);
    yield unpack(message, schema);
    // Taken, and the next one is asked for.
    progress.sent += 1;
  }
  if (inTurns) await progress.answers(progress.sent);
  progress.beforeClose();
  progress.closed();
}

function unpack<S extends DescMessage>(message: Any | undefined, schema: S): MessageShape<S> {
  const unpacked = message && anyUnpack(message, schema);
  if (unpacked === undefined) throw new Error(`no ${schema.typeName} to send`);
  return unpacked;
}

function headersOf(request: ClientCompatRequest): Record<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const { name, value } of request.requestHeaders) {
    headers.set(name, [...(headers.get(name) ?? []), ...value]);
  }
  return Object.fromEntries(headers);
}
