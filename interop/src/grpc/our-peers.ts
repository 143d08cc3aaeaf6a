import { GrpcClient, GrpcServer } from "@kratosjs/core/grpc";
import type { Engine } from "@kratosjs/h2";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import type { ClosableConnection } from "./client-cases.ts";
import { echoMetadata } from "./echo-metadata.ts";
import type { RunningServer } from "./js-server.ts";
import { createTestService, type RequestPacking } from "./test-service.ts";

const callTimeoutMs = 60_000;

/** Our server of the cases over an engine. */
export async function startOurServer(
  engine: Engine,
  packing: RequestPacking,
): Promise<RunningServer> {
  const server = new GrpcServer({
    address: "127.0.0.1:0",
    timeoutMs: 0,
    middleware: [echoMetadata],
    engine,
  });
  server.register(TestService, createTestService(packing));
  await server.start();
  const { port } = await server.endpoint();
  return { port: Number(port), stop: () => server.stop(AbortSignal.abort()) };
}

/** Our client over an engine. */
export function ourConnection(engine: Engine, port: number, packs = false): ClosableConnection {
  return new GrpcClient({
    endpoint: `127.0.0.1:${port}`,
    timeoutMs: callTimeoutMs,
    engine,
    // A watch of health would be a second call on the wire that is listened to.
    healthCheck: false,
    compression: packs ? "gzip" : "identity",
  });
}
