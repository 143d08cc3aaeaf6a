import { sleep } from "@kratosjs/core/context";
import { httpFromGrpcCode, KratosError } from "@kratosjs/core/errors";
import type { ServiceImpl } from "@kratosjs/core/rpc";
import type { EchoStatus, ResponseParameters, TestService } from "../gen/grpc/testing/test_pb.ts";

/** What the cases ask for, to the letter of their description. */
export const testService: ServiceImpl<typeof TestService> = {
  async emptyCall() {
    return {};
  },

  async unaryCall({ responseStatus, responseSize }) {
    failAsAsked(responseStatus);
    return { payload: { body: new Uint8Array(responseSize) } };
  },

  async cacheableUnaryCall({ responseSize }) {
    return { payload: { body: new Uint8Array(responseSize) } };
  },

  async *streamingOutputCall({ responseParameters }, ctx) {
    yield* payloads(responseParameters, ctx.signal);
  },

  async streamingInputCall(requests) {
    let aggregatedPayloadSize = 0;
    for await (const { payload } of requests) aggregatedPayloadSize += payload?.body.length ?? 0;
    return { aggregatedPayloadSize };
  },

  async *fullDuplexCall(requests, ctx) {
    for await (const { responseParameters, responseStatus } of requests) {
      failAsAsked(responseStatus);
      yield* payloads(responseParameters, ctx.signal);
    }
  },

  async *halfDuplexCall(requests, ctx) {
    const asked: ResponseParameters[] = [];
    for await (const { responseParameters } of requests) asked.push(...responseParameters);
    yield* payloads(asked, ctx.signal);
  },

  async unimplementedCall() {
    throw new KratosError("this method is not implemented", { code: 501 });
  },
};

async function* payloads(asked: readonly ResponseParameters[], signal: AbortSignal) {
  for (const { size, intervalUs } of asked) {
    if (intervalUs > 0) await sleep(intervalUs / 1000, { signal });
    yield { payload: { body: new Uint8Array(size) } };
  }
}

function failAsAsked(status: EchoStatus | undefined): void {
  if (status === undefined || status.code === 0) return;
  throw new KratosError(status.message, {
    code: httpFromGrpcCode(status.code),
    grpcCode: status.code,
  });
}
