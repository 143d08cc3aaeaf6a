import { deepStrictEqual, strictEqual } from "node:assert";
import { GrpcCode } from "@kratosjs/core/errors";
import { failsWith, from, payload, sizesOf, type TestClient } from "./case-parts.ts";
import type { Wiretap } from "./wiretap.ts";

/** What a case of compression needs. */
export interface CompressedParts {
  /** A client that packs its requests. */
  readonly packing: TestClient;
  /** One that does not. */
  readonly plain: TestClient;
  /** What both go through. */
  readonly wire: Wiretap;
  /** The size of a message that `packing` leaves as it is when told so. */
  readonly unpackedBytes: number;
}

const yes = { value: true };
const no = { value: false };

async function clientUnary({ packing, plain, wire }: CompressedParts): Promise<void> {
  const request = { responseSize: 314159, payload: payload(271828) };
  await failsWith(GrpcCode.INVALID_ARGUMENT, () =>
    plain.unaryCall({ ...request, expectCompressed: yes }),
  );
  for (const [client, expectCompressed] of [
    [packing, yes],
    [plain, no],
  ] as const) {
    const reply = await client.unaryCall({ ...request, expectCompressed });
    strictEqual(reply.payload?.body.length, 314159);
    deepStrictEqual(wire.requests, [expectCompressed.value]);
  }
}

async function serverUnary({ plain, wire }: CompressedParts): Promise<void> {
  const request = { responseSize: 314159, payload: payload(271828) };
  for (const responseCompressed of [yes, no]) {
    const reply = await plain.unaryCall({ ...request, responseCompressed });
    strictEqual(reply.payload?.body.length, 314159);
    deepStrictEqual(wire.replies, [responseCompressed.value]);
  }
}

async function clientStreaming(parts: CompressedParts): Promise<void> {
  const { packing, plain, wire, unpackedBytes } = parts;
  const first = { expectCompressed: yes, payload: payload(27182) };
  await failsWith(GrpcCode.INVALID_ARGUMENT, () => plain.streamingInputCall(from([first])));
  const second = { expectCompressed: no, payload: payload(unpackedBytes) };
  const { aggregatedPayloadSize } = await packing.streamingInputCall(from([first, second]));
  strictEqual(aggregatedPayloadSize, 27182 + unpackedBytes);
  deepStrictEqual(wire.requests, [true, false]);
}

async function serverStreaming({ plain, wire }: CompressedParts): Promise<void> {
  const responseParameters = [
    { compressed: yes, size: 31415 },
    { compressed: no, size: 92653 },
  ];
  deepStrictEqual(await sizesOf(plain.streamingOutputCall({ responseParameters })), [31415, 92653]);
  deepStrictEqual(wire.replies, [true, false]);
}

/** The official cases of compression, by their names. */
export const compressedCases: Readonly<Record<string, (parts: CompressedParts) => Promise<void>>> =
  {
    client_compressed_unary: clientUnary,
    server_compressed_unary: serverUnary,
    client_compressed_streaming: clientStreaming,
    server_compressed_streaming: serverStreaming,
  };
