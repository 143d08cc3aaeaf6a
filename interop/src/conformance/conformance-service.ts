/** The server's half of the suite: answers each request as the request itself describes. */
import { create } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import { type Context, sleep } from "@kratosjs/core/context";
import { GrpcCode, KratosError } from "@kratosjs/core/errors";
import { httpTransport } from "@kratosjs/core/http";
import type { ServiceImpl } from "@kratosjs/core/rpc";
import { replyTrailer, serverTransport } from "@kratosjs/core/transport";
import {
  BidiStreamRequestSchema,
  ClientStreamRequestSchema,
  type ConformancePayload,
  ConformancePayload_RequestInfoSchema,
  type ConformancePayload_RequestInfo,
  ConformancePayloadSchema,
  type ConformanceService,
  type Header,
  HeaderSchema,
  IdempotentUnaryRequestSchema,
  ServerStreamRequestSchema,
  type StreamResponseDefinition,
  type UnaryResponseDefinition,
  UnaryRequestSchema,
} from "../gen/connectrpc/conformance/v1/service_pb.ts";
import { addHeaders, listHeaders } from "./headers.ts";
import { errorOf } from "./status.ts";

type Reply = { payload: ConformancePayload };

export const conformanceService: ServiceImpl<typeof ConformanceService> = {
  unary: (request, ctx) =>
    answer(request.responseDefinition, infoOf(ctx, [anyPack(UnaryRequestSchema, request)]), ctx),

  idempotentUnary: (request, ctx) =>
    answer(
      request.responseDefinition,
      infoOf(ctx, [anyPack(IdempotentUnaryRequestSchema, request)]),
      ctx,
    ),

  async clientStream(requests, ctx) {
    let definition: UnaryResponseDefinition | undefined;
    const seen: Any[] = [];
    for await (const request of requests) {
      if (seen.length === 0) definition = request.responseDefinition;
      seen.push(anyPack(ClientStreamRequestSchema, request));
    }
    return answer(definition, infoOf(ctx, seen), ctx);
  },

  async *serverStream(request, ctx) {
    const definition = request.responseDefinition;
    announce(definition, ctx);
    yield* rest(
      definition,
      { sent: 0, info: infoOf(ctx, [anyPack(ServerStreamRequestSchema, request)]) },
      ctx,
    );
  },

  async *bidiStream(requests, ctx) {
    let definition: StreamResponseDefinition | undefined;
    let fullDuplex = false;
    let first = true;
    let sent = 0;
    let seen: Any[] = [];
    for await (const request of requests) {
      seen.push(anyPack(BidiStreamRequestSchema, request));
      if (first) {
        first = false;
        ({ responseDefinition: definition, fullDuplex } = request);
        announce(definition, ctx);
      }
      if (!fullDuplex) continue;
      const data = definition?.responseData[sent];
      if (data === undefined) break;
      await wait(definition, ctx);
      const info =
        sent === 0
          ? infoOf(ctx, seen)
          : create(ConformancePayload_RequestInfoSchema, { requests: seen });
      yield payload(data, info);
      sent += 1;
      seen = [];
    }
    yield* rest(definition, { sent, info: infoOf(ctx, seen) }, ctx);
  },

  async unimplemented() {
    throw new KratosError("this method is not implemented", {
      code: 501,
      grpcCode: GrpcCode.UNIMPLEMENTED,
    });
  },
};

/** Answers a call of one reply. */
async function answer(
  definition: UnaryResponseDefinition | undefined,
  info: ConformancePayload_RequestInfo,
  ctx: Context,
): Promise<Reply> {
  announce(definition, ctx);
  await wait(definition, ctx);
  const wanted = definition?.response;
  if (wanted?.case === "error") {
    throw errorOf(wanted.value, [anyPack(ConformancePayload_RequestInfoSchema, info)]);
  }
  return payload(wanted?.value ?? new Uint8Array(), info);
}

/** Sends the replies of a stream from the one with index `sent` on, then its error. */
async function* rest(
  definition: StreamResponseDefinition | undefined,
  { sent, info }: { readonly sent: number; readonly info: ConformancePayload_RequestInfo },
  ctx: Context,
): AsyncGenerator<Reply> {
  const replies = definition?.responseData ?? [];
  for (const [index, data] of replies.entries()) {
    if (index < sent) continue;
    await wait(definition, ctx);
    yield payload(data, index === 0 ? info : undefined);
  }
  if (definition?.error === undefined) return;
  const unsaid = replies.length === 0 ? [anyPack(ConformancePayload_RequestInfoSchema, info)] : [];
  throw errorOf(definition.error, unsaid);
}

function announce(
  definition: UnaryResponseDefinition | StreamResponseDefinition | undefined,
  ctx: Context,
): void {
  addHeaders(serverTransport(ctx)?.replyHeader, definition?.responseHeaders ?? []);
  addHeaders(replyTrailer(ctx), definition?.responseTrailers ?? []);
}

async function wait(
  definition: UnaryResponseDefinition | StreamResponseDefinition | undefined,
  ctx: Context,
): Promise<void> {
  const delayMs = definition?.responseDelayMs ?? 0;
  if (delayMs > 0) await sleep(delayMs, { signal: ctx.signal });
}

function payload(data: Uint8Array, requestInfo: ConformancePayload_RequestInfo | undefined): Reply {
  return {
    payload: create(ConformancePayloadSchema, {
      data,
      ...(requestInfo === undefined ? {} : { requestInfo }),
    }),
  };
}

function infoOf(ctx: Context, requests: Any[]): ConformancePayload_RequestInfo {
  const { deadline } = ctx;
  const connectGetInfo = getInfoOf(ctx);
  return create(ConformancePayload_RequestInfoSchema, {
    requestHeaders: listHeaders(serverTransport(ctx)?.requestHeader),
    requests,
    ...(deadline === undefined
      ? {}
      : { timeoutMs: BigInt(Math.max(0, Math.floor(deadline - Date.now()))) }),
    ...(connectGetInfo !== undefined && { connectGetInfo }),
  });
}

/** What the query of a GET said. */
function getInfoOf(ctx: Context): { readonly queryParams: Header[] } | undefined {
  const exchange = httpTransport(ctx)?.exchange;
  if (exchange?.method !== "GET") return undefined;
  const { searchParams } = new URL(exchange.target, "http://localhost");
  return {
    queryParams: [...new Set(searchParams.keys())].map((name) =>
      create(HeaderSchema, { name, value: searchParams.getAll(name) }),
    ),
  };
}
