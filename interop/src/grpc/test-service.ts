import { type Context, sleep } from "@kratosjs/core/context";
import { httpFromGrpcCode, KratosError } from "@kratosjs/core/errors";
import { compressReply } from "@kratosjs/core/grpc";
import type { ServiceImpl } from "@kratosjs/core/rpc";
import type {
  BoolValue,
  EchoStatus,
  ResponseParameters,
  TestService,
} from "../gen/grpc/testing/test_pb.ts";

/** Tells whether a message of the call being made came packed; undefined where nobody looks. */
export type RequestPacking = (at: number) => boolean | undefined;

/** What the cases ask for, to the letter of their description. */
export function createTestService(packing: RequestPacking): ServiceImpl<typeof TestService> {
  return {
    async emptyCall() {
      return {};
    },

    async unaryCall(
      { responseStatus, responseSize, fillServerId, expectCompressed, responseCompressed },
      ctx,
    ) {
      failAsAsked(responseStatus);
      failUnlessPacked(expectCompressed, packing(0));
      packAsAsked(responseCompressed, ctx);
      const serverId = fillServerId ? "kratos" : "";
      return { payload: { body: new Uint8Array(responseSize) }, serverId };
    },

    async cacheableUnaryCall({ responseSize }) {
      return { payload: { body: new Uint8Array(responseSize) } };
    },

    async *streamingOutputCall({ responseParameters }, ctx) {
      yield* payloads(responseParameters, ctx);
    },

    async streamingInputCall(requests) {
      let aggregatedPayloadSize = 0;
      let at = 0;
      for await (const { payload, expectCompressed } of requests) {
        failUnlessPacked(expectCompressed, packing(at));
        aggregatedPayloadSize += payload?.body.length ?? 0;
        at += 1;
      }
      return { aggregatedPayloadSize };
    },

    async *fullDuplexCall(requests, ctx) {
      for await (const { responseParameters, responseStatus } of requests) {
        failAsAsked(responseStatus);
        yield* payloads(responseParameters, ctx);
      }
    },

    async *halfDuplexCall(requests, ctx) {
      const asked: ResponseParameters[] = [];
      for await (const { responseParameters } of requests) asked.push(...responseParameters);
      yield* payloads(asked, ctx);
    },

    async unimplementedCall() {
      throw new KratosError("this method is not implemented", { code: 501 });
    },
  };
}

async function* payloads(asked: readonly ResponseParameters[], ctx: Context) {
  for (const { size, intervalUs, compressed } of asked) {
    packAsAsked(compressed, ctx);
    if (intervalUs > 0) await sleep(intervalUs / 1000, { signal: ctx.signal });
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

function failUnlessPacked(expected: BoolValue | undefined, packed: boolean | undefined): void {
  if (expected === undefined || packed === undefined || expected.value === packed) return;
  throw new KratosError("the request is not packed as it says", { code: 400 });
}

function packAsAsked(wanted: BoolValue | undefined, ctx: Context): void {
  if (wanted !== undefined) compressReply(ctx, wanted.value ? "gzip" : "identity");
}
