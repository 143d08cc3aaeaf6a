import { Metadata } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { decodeGrpcStatus, GrpcCode, KratosError } from "../../errors/index.ts";
import { startEcho } from "../testdata/echo-service.ts";
import { say } from "../testdata/foreign-calls.ts";
import { foreignClient } from "../testdata/foreign-echo.ts";

async function detailsOf(error: Error): Promise<string[]> {
  await using running = await startEcho({ say: () => Promise.reject(error) });
  const client = foreignClient(running.address);
  const [bytes] =
    (await say(client, {}, new Metadata())).error?.metadata.get("grpc-status-details-bin") ?? [];
  client.close();
  if (bytes === undefined || typeof bytes === "string") return [];
  return decodeGrpcStatus(bytes).details.map((detail) => detail.typeUrl);
}

const detail = {
  $typeName: "google.protobuf.Any",
  typeUrl: "type.googleapis.com/google.protobuf.Empty",
  value: new Uint8Array(),
} as const;
const info = "type.googleapis.com/google.rpc.ErrorInfo";
const grpcCode = GrpcCode.ALREADY_EXISTS;

test("GrpcServer sends a status of gRPC with its own details only", async () => {
  expect(await detailsOf(new KratosError("there", { grpcCode }))).toEqual([]);
  expect(await detailsOf(new KratosError("there", { grpcCode, details: [detail] }))).toEqual([
    detail.typeUrl,
  ]);
});

test("GrpcServer sends an ErrorInfo with every error that has a reason or metadata, or no gRPC code", async () => {
  for (const options of [{ grpcCode, reason: "R" }, { grpcCode, metadata: { a: "b" } }, {}]) {
    expect(await detailsOf(new KratosError("there", { ...options, details: [detail] }))).toEqual([
      info,
      detail.typeUrl,
    ]);
  }
});
