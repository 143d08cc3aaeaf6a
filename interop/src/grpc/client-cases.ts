import { deepStrictEqual, strictEqual } from "node:assert";
import { fromError, GrpcCode } from "@kratosjs/core/errors";
import { type CallOptions, type Connection, createClient } from "@kratosjs/core/rpc";
import { TestService, UnimplementedService } from "../gen/grpc/testing/test_pb.ts";
import {
  failsWith,
  from,
  largeUnary,
  payload,
  requestSizes,
  responseSizes,
  sizesOf,
  type TestClient,
} from "./case-parts.ts";

/** As many as grpc-go's client makes by itself. */
const soakIterations = 10;

/** A way to the server under test. */
export interface ClosableConnection extends Connection {
  close(): Promise<void>;
}

type Case = (client: TestClient, connect: () => ClosableConnection) => Promise<void>;

async function pingPong(client: TestClient): Promise<void> {
  let ask: (at: number) => void = () => undefined;
  let next = new Promise<number>((resolve) => (ask = resolve));
  async function* requests() {
    for (;;) {
      const at = await next;
      if (at === requestSizes.length) return;
      next = new Promise((resolve) => (ask = resolve));
      yield {
        responseParameters: [{ size: responseSizes[at] ?? 0 }],
        payload: payload(requestSizes[at] ?? 0),
      };
    }
  }
  const sizes: number[] = [];
  ask(0);
  for await (const { payload: got } of client.fullDuplexCall(requests())) {
    sizes.push(got?.body.length ?? -1);
    ask(sizes.length);
  }
  deepStrictEqual(sizes, responseSizes);
}

async function customMetadata(client: TestClient): Promise<void> {
  const headers = {
    "x-grpc-test-echo-initial": "test_initial_metadata_value",
    "x-grpc-test-echo-trailing-bin": "q6ur",
  };
  const seen: string[] = [];
  const options: CallOptions = {
    headers,
    onHeader: (header) => seen.push(header.get("x-grpc-test-echo-initial")),
    onTrailer: (trailer) => seen.push(trailer.get("x-grpc-test-echo-trailing-bin")),
  };
  await client.unaryCall({ responseSize: 314159, payload: payload(271828) }, options);
  await sizesOf(
    client.fullDuplexCall(
      from([{ responseParameters: [{ size: 314159 }], payload: payload(271828) }]),
      options,
    ),
  );
  const once = [headers["x-grpc-test-echo-initial"], headers["x-grpc-test-echo-trailing-bin"]];
  deepStrictEqual(seen, [...once, ...once]);
}

async function statusCodeAndMessage(client: TestClient): Promise<void> {
  const responseStatus = { code: GrpcCode.UNKNOWN, message: "test status message" };
  for (const call of [
    () => client.unaryCall({ responseStatus }),
    () => sizesOf(client.fullDuplexCall(from([{ responseStatus }]))),
  ]) {
    await failsWith(GrpcCode.UNKNOWN, call);
    await call().catch((error: unknown) =>
      strictEqual(fromError(error).message, responseStatus.message),
    );
  }
}

async function specialStatusMessage(client: TestClient): Promise<void> {
  const message = "\t\ntest with whitespace\r\nand Unicode BMP \u263A and non-BMP \u{1F608}\t\n";
  const call = client.unaryCall({ responseStatus: { code: GrpcCode.UNKNOWN, message } });
  await call.then(
    () => Promise.reject(new Error("the call went well")),
    (error: unknown) => strictEqual(fromError(error).message, message),
  );
}

async function cancelAfterBegin(client: TestClient): Promise<void> {
  const controller = new AbortController();
  async function* never() {
    await new Promise((_, reject) =>
      controller.signal.addEventListener("abort", () => reject(new Error("left"))),
    );
    yield {};
  }
  const call = client.streamingInputCall(never(), { signal: controller.signal });
  setImmediate(() => controller.abort());
  await failsWith(GrpcCode.CANCELLED, () => call);
}

async function cancelAfterFirstResponse(client: TestClient): Promise<void> {
  const controller = new AbortController();
  async function* one() {
    yield { responseParameters: [{ size: 31415 }], payload: payload(27182) };
    await new Promise((resolve) => controller.signal.addEventListener("abort", resolve));
  }
  const stream = client.fullDuplexCall(one(), { signal: controller.signal });
  const answers = stream[Symbol.asyncIterator]();
  await answers.next();
  controller.abort();
  await failsWith(GrpcCode.CANCELLED, () => answers.next());
}

async function timeoutOnSleepingServer(client: TestClient): Promise<void> {
  const asked = from([
    { responseParameters: [{ size: 8, intervalUs: 1_000_000 }], payload: payload(27182) },
  ]);
  await failsWith(GrpcCode.DEADLINE_EXCEEDED, () =>
    sizesOf(client.fullDuplexCall(asked, { timeoutMs: 1 })),
  );
}

/** The official cases that apply to a client without Google's credentials and load balancers, by their names. */
export const clientCases: Readonly<Record<string, Case>> = {
  empty_unary: async (client) => void (await client.emptyCall({})),
  large_unary: largeUnary,
  client_streaming: async (client) => {
    const reply = await client.streamingInputCall(
      from(requestSizes.map((size) => ({ payload: payload(size) }))),
    );
    strictEqual(reply.aggregatedPayloadSize, 74922);
  },
  server_streaming: async (client) => {
    const responseParameters = responseSizes.map((size) => ({ size }));
    deepStrictEqual(
      await sizesOf(client.streamingOutputCall({ responseParameters })),
      responseSizes,
    );
  },
  ping_pong: pingPong,
  empty_stream: async (client) =>
    deepStrictEqual(await sizesOf(client.fullDuplexCall(from([]))), []),
  custom_metadata: customMetadata,
  status_code_and_message: statusCodeAndMessage,
  special_status_message: specialStatusMessage,
  unimplemented_method: (client) =>
    failsWith(GrpcCode.UNIMPLEMENTED, () => client.unimplementedCall({})),
  unimplemented_service: (_, connect) =>
    within(connect, (connection) =>
      failsWith(GrpcCode.UNIMPLEMENTED, () =>
        createClient(UnimplementedService, connection).unimplementedCall({}),
      ),
    ),
  cancel_after_begin: cancelAfterBegin,
  cancel_after_first_response: cancelAfterFirstResponse,
  timeout_on_sleeping_server: timeoutOnSleepingServer,
  half_duplex: async (client) => {
    const asked = responseSizes.map((size) => ({ responseParameters: [{ size }] }));
    deepStrictEqual(await sizesOf(client.halfDuplexCall(from(asked))), responseSizes);
  },
  rpc_soak: async (client) => {
    for (let at = 0; at < soakIterations; at += 1) await largeUnary(client);
  },
  channel_soak: async (_, connect) => {
    for (let at = 0; at < soakIterations; at += 1)
      await within(connect, (connection) => largeUnary(createClient(TestService, connection)));
  },
};

/** Runs one case by name over a connection of its own. */
export function runClientCase(name: string, connect: () => ClosableConnection): Promise<void> {
  const run = clientCases[name];
  if (run === undefined) throw new Error(`no case ${name}`);
  return within(connect, (connection) => run(createClient(TestService, connection), connect));
}

/** Opens a connection for as long as this lasts. */
export async function within(
  connect: () => ClosableConnection,
  use: (connection: Connection) => Promise<void>,
): Promise<void> {
  const connection = connect();
  try {
    await use(connection);
  } finally {
    await connection.close();
  }
}
