import { Metadata } from "@grpc/grpc-js";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { ErrorInfoSchema } from "@kratosjs/protos/google/rpc/error_details_pb.js";
import { describe, expect, test } from "vitest";
import { decodeGrpcStatus, fromError, type GrpcStatus, KratosError } from "../errors/index.ts";
import { nopLogger } from "../log/index.ts";
import { createClient } from "../rpc/index.ts";
import { GrpcClient } from "./index.ts";
import { Echo } from "./testdata/echo_pb.ts";
import { startEcho } from "./testdata/echo-service.ts";
import { say } from "./testdata/foreign-calls.ts";
import { foreignClient } from "./testdata/foreign-echo.ts";
import vectors from "./testdata/grpc-errors.json" with { type: "json" };

interface ErrorInput {
  readonly plain?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly metadata?: Record<string, string>;
}

interface Detail {
  readonly reason: string;
  readonly metadata: Record<string, string>;
}

interface Expected {
  readonly wire: {
    readonly grpcStatus: number;
    readonly grpcMessage?: string;
    readonly detail?: Detail | null;
  };
  readonly client: Record<string, unknown>;
}

/** The other operations are not of the wire; the errors room tests them. */
const cases = vectors.cases.filter(({ input }) => input.op === "roundTrip");

/** Upstream loses reason and metadata of a code 200 error; here they arrive, and only the status is UNKNOWN. */
const kept = "code 200 cannot carry details: becomes Unknown";

function toError(input: ErrorInput): Error {
  if (input.plain === "context.Canceled") return new DOMException("context canceled", "AbortError");
  if (input.plain !== undefined) return new Error(input.plain);
  return new KratosError(input.message ?? "", { ...input });
}

function detailOf(bytes: Uint8Array | undefined): GrpcStatus["details"][number] | undefined {
  return bytes === undefined ? undefined : decodeGrpcStatus(bytes).details[0];
}

describe("GrpcServer and GrpcClient with the vectors of grpc-errors", () => {
  test("GrpcServer and GrpcClient have vectors to show", () => {
    expect(cases.length).toBeGreaterThan(15);
  });

  for (const { name, ...vector } of cases) {
    const expected = vector.expected as unknown as Expected; // the shape of op roundTrip
    test(`GrpcServer and GrpcClient carry an error: ${name}`, async () => {
      const error = toError(vector.input.error as ErrorInput); // the shape of op roundTrip
      await using running = await startEcho({ say: () => Promise.reject(error) });
      const foreign = foreignClient(running.address);
      const sent = (await say(foreign, {}, new Metadata())).error;
      foreign.close();
      expect(sent?.code).toBe(expected.wire.grpcStatus);
      if (expected.wire.grpcMessage !== undefined)
        expect(sent?.details).toBe(expected.wire.grpcMessage);
      const [bytes] = sent?.metadata.get("grpc-status-details-bin") ?? [];
      const detail = detailOf(typeof bytes === "string" ? undefined : bytes);
      if (expected.wire.detail === null) expect(detail).toBeUndefined();
      else if (expected.wire.detail !== undefined) {
        const { reason, metadata } = expected.wire.detail;
        expect(detail && anyUnpack(detail, ErrorInfoSchema)).toMatchObject({
          reason,
          metadata,
          domain: "",
        });
      }
      const client = new GrpcClient({ endpoint: running.address, logger: nopLogger });
      const received = await createClient(Echo, client).say({}).catch(fromError);
      await client.close();
      expect(received).toMatchObject(name === kept ? { code: 500, reason: "R" } : expected.client);
    });
  }
});
