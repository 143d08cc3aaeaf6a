import { strictEqual } from "node:assert";
import { fromError } from "@kratosjs/core/errors";
import type { Client } from "@kratosjs/core/rpc";
import type { TestService } from "../gen/grpc/testing/test_pb.ts";

export type TestClient = Client<typeof TestService>;

export const requestSizes: readonly number[] = [27182, 8, 1828, 45904];
export const responseSizes: readonly number[] = [31415, 9, 2653, 58979];

/** A payload of zeros. */
export function payload(size: number): { body: Uint8Array } {
  return { body: new Uint8Array(size) };
}

/** The sizes of the payloads a stream brings. */
export async function sizesOf(
  stream: AsyncIterable<{ payload?: { body: Uint8Array } | undefined }>,
): Promise<number[]> {
  const sizes: number[] = [];
  for await (const message of stream) sizes.push(message.payload?.body.length ?? -1);
  return sizes;
}

/** A stream of these. */
export async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Checks the status of a call that has to fail. */
export async function failsWith(code: number, call: () => Promise<unknown>): Promise<void> {
  const error = await call().then(
    () => new Error("the call went well"),
    (caught: unknown) => caught,
  );
  strictEqual(fromError(error).grpcCode, code, `expected gRPC code ${code}: ${String(error)}`);
}

/** The case large_unary, which others repeat. */
export async function largeUnary(client: TestClient): Promise<void> {
  const reply = await client.unaryCall({ responseSize: 314159, payload: payload(271828) });
  strictEqual(reply.payload?.body.length, 314159);
}
