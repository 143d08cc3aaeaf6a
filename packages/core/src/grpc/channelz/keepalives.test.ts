import { type Engine, engine, nodeHttp2 } from "@kratosjs/h2";
import { Channelz } from "@kratosjs/protos/grpc/channelz/v1/channelz_pb.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { createClient } from "../../rpc/index.ts";
import { GrpcClient } from "../index.ts";
import { startEcho } from "../testdata/echo-service.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each<[string, Engine]>([
  ["the engine of this project", engine()],
  ["node:http2", nodeHttp2()],
])("channelz counts the keepalives both sides have sent with %s", async (_name, runs) => {
  const connection = { keepaliveIntervalMs: 10_000 };
  const { server, address, stop } = await startEcho(
    {},
    { channelz: true, engine: runs, connection },
  );
  const client = new GrpcClient({
    endpoint: address,
    logger: nopLogger,
    healthCheck: false,
    engine: runs,
    connection,
  });
  const channelz = createClient(Channelz, client);
  const counted = async (): Promise<readonly unknown[]> => {
    const ids = [
      client.describe().subchannels[0]?.connections[0]?.id,
      server.describe().connections[0]?.id,
    ];
    const replies = ids.map((id = 0) => channelz.getSocket({ socketId: BigInt(id) }));
    return (await Promise.all(replies)).map(({ socket }) => socket?.data?.keepAlivesSent);
  };
  await channelz.getServers({});
  expect(await counted()).toEqual([0n, 0n]);
  vi.advanceTimersByTime(11_500);
  expect(await counted()).toEqual([1n, 1n]);
  await client.close(AbortSignal.abort());
  await stop();
});
