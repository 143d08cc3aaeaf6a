import { afterEach, describe, expect, test } from "vitest";
import { memoryLogger } from "../../log/index.ts";
import { memoryRegistry } from "../../registry/memory/index.ts";
import { createClient } from "../../rpc/index.ts";
import { GrpcClient, type GrpcClientOptions } from "../index.ts";
import { Echo } from "../testdata/echo_pb.ts";
import { type RunningServer, startEcho } from "../testdata/echo-service.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function started(): Promise<RunningServer> {
  const running = await startEcho();
  cleanups.push(() => running.stop());
  return running;
}

/** Makes a call by discovery; what was logged, and the address it went to. */
async function logged(options: Partial<GrpcClientOptions> = {}) {
  const { address } = await started();
  const discovery = memoryRegistry();
  const { signal } = new AbortController();
  const instance = {
    id: "1",
    name: "echo",
    version: "v1",
    metadata: { zone: "a" },
    endpoints: [`grpc://${address}`],
  };
  await discovery.register(instance, { signal });
  const { logger, records } = memoryLogger();
  const endpoint = "discovery:///echo";
  const client = new GrpcClient({ endpoint, discovery, logger, ...options });
  cleanups.push(() => client.close(AbortSignal.abort()));
  await createClient(Echo, client).say({});
  return { address, records };
}

describe("printDiscoveryDebugLog", () => {
  test("printDiscoveryDebugLog logs each update of the instances at debug level, by default", async () => {
    const { address, records } = await logged();
    expect(records).toMatchObject([
      {
        level: "debug",
        message: "[resolver] update instances",
        fields: {
          instances: [{ address, name: "echo", version: "v1", metadata: { zone: "a" } }],
        },
      },
    ]);
  });

  test("printDiscoveryDebugLog can be turned off", async () => {
    expect((await logged({ printDiscoveryDebugLog: false })).records).toEqual([]);
  });

  test("printDiscoveryDebugLog says nothing of a list that never changes", async () => {
    const { address } = await started();
    expect((await logged({ endpoint: `direct:///${address}` })).records).toEqual([]);
  });
});
