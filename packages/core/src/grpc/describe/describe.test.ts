import { Channelz } from "@kratosjs/protos/grpc/channelz/v1/channelz_pb.js";
import { nodeHttp2 } from "@kratosjs/h2";
import { afterEach, describe, expect, test } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { createClient } from "../../rpc/index.ts";
import { GrpcClient, type GrpcClientOptions } from "../index.ts";
import { deferred } from "../testdata/deferred.ts";
import { Echo } from "../testdata/echo_pb.ts";
import { type RunningServer, startEcho } from "../testdata/echo-service.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(...args: Parameters<typeof startEcho>): Promise<RunningServer> {
  const running = await startEcho(...args);
  cleanups.push(() => running.stop());
  return running;
}

function clientOf(endpoint: string, options: Partial<GrpcClientOptions> = {}): GrpcClient {
  const client = new GrpcClient({ endpoint, logger: nopLogger, healthCheck: false, ...options });
  cleanups.push(() => client.close(AbortSignal.abort()));
  return client;
}

describe("describe()", () => {
  test("describe() tells of calls under way on both sides, and how they went", async () => {
    const entered = deferred();
    const leave = deferred();
    const running = await start({
      async say({ text }) {
        if (text === "fail") throw new Error("no");
        entered.resolve();
        await leave.promise;
        return { text };
      },
    });
    const client = clientOf(running.address);
    const calls = createClient(Echo, client);
    await calls.say({ text: "fail" }).catch(() => {});
    const before = Date.now();
    const waiting = calls.say({ text: "wait" }, { timeoutMs: 60_000 });
    await entered.promise;

    const operation = "/kratos.test.v1.Echo/Say";
    const server = running.server.describe();
    expect(server).toMatchObject({
      state: "running",
      refusedConnections: 0,
      listening: [{ address: running.address }],
      liveCalls: [{ operation, deadline: expect.any(Number) }],
      connections: [
        { localPort: running.port, tls: undefined, messagesReceived: 2, messagesSent: 0 },
      ],
    });
    expect(server.calls).toMatchObject({ succeeded: 0, failed: 1 });
    expect(server.calls.lastStartedAt).toBeGreaterThanOrEqual(before);
    expect(server.startedAt).toBeLessThanOrEqual(before);
    const own = client.describe();
    expect(own).toMatchObject({
      target: running.address,
      state: "READY",
      calls: { started: 2, succeeded: 0, failed: 1 },
      liveCalls: [{ operation }],
      subchannels: [{ address: running.address, state: "READY", calls: { started: 2, failed: 1 } }],
    });
    expect(own.subchannels[0]?.connections[0]?.counters.bytesRead).toBeGreaterThan(0);

    leave.resolve();
    await waiting;
    expect(client.describe()).toMatchObject({
      calls: { started: 2, succeeded: 1, failed: 1 },
      liveCalls: [],
      subchannels: [{ connections: [{ messagesSent: 2, messagesReceived: 1 }] }],
    });
    expect(running.server.describe()).toMatchObject({ calls: { succeeded: 1, failed: 1 } });
  });

  test("describe() counts each message of a stream, and keeps counts of connections that are closed", async () => {
    const running = await start({}, { timeoutMs: 0 });
    const client = clientOf(running.address);
    const calls = createClient(Echo, client);
    for await (const _ of calls.repeat({ text: "n", count: 3 }));
    expect(running.server.describe().connections[0]).toMatchObject({ messagesSent: 3 });
    expect(client.describe().subchannels[0]?.connections[0]).toMatchObject({
      messagesSent: 1,
      messagesReceived: 3,
    });
    const closed = running.server.sessions.map((session) => session.closed);
    await client.close(AbortSignal.abort());
    await Promise.all(closed);
    expect(client.describe()).toMatchObject({ state: "SHUTDOWN" });
    expect(running.server.describe()).toMatchObject({
      connections: [],
      calls: { succeeded: 1 },
    });
  });

  test("describe() of a client tells why nothing can be reached", async () => {
    const running = await start();
    await running.stop();
    const client = clientOf(running.address);
    expect(client.describe()).toMatchObject({ state: "IDLE", subchannels: [] });
    await createClient(Echo, client)
      .say({})
      .catch(() => {});
    expect(client.describe()).toMatchObject({
      state: "TRANSIENT_FAILURE",
      calls: { started: 1, failed: 1 },
      subchannels: [
        { lastFailure: expect.stringContaining("ECONNREFUSED"), calls: { started: 0 } },
      ],
    });
  });

  test("describe() counts a request that no route takes as failed", async () => {
    const running = await start({}, { health: false, reflection: false });
    await expect(
      createClient(Channelz, clientOf(running.address)).getServers({}),
    ).rejects.toMatchObject({ code: 501 });
    expect(running.server.describe().calls).toMatchObject({ started: 1, succeeded: 0, failed: 1 });
  });

  test("describe() counts a call its caller has left as failed", async () => {
    const entered = deferred();
    const left = deferred();
    const running = await start({
      async say(_request, ctx) {
        ctx.signal.addEventListener("abort", () => left.resolve());
        entered.resolve();
        await left.promise;
        return {};
      },
    });
    const client = clientOf(running.address);
    const leave = new AbortController();
    const call = createClient(Echo, client).say({}, { signal: leave.signal });
    await entered.promise;
    leave.abort();
    await expect(call).rejects.toMatchObject({ code: 499 });
    await left.promise;
    const expected = { calls: { started: 1, succeeded: 0, failed: 1 }, liveCalls: [] };
    expect(running.server.describe()).toMatchObject(expected);
    expect(client.describe()).toMatchObject(expected);
    expect(client.describe().subchannels[0]?.calls).toMatchObject(expected.calls);
  });

  test("describe() tells the same of another engine's connections", async () => {
    const engine = nodeHttp2();
    const running = await start({}, { engine });
    const client = clientOf(running.address, { engine });
    await createClient(Echo, client).say({ text: "hi" });
    const counted = { messagesSent: 1, messagesReceived: 1, calls: { succeeded: 1 } };
    expect(running.server.describe().connections).toMatchObject([
      { ...counted, localPort: running.port },
    ]);
    expect(client.describe().subchannels[0]?.connections).toMatchObject([
      { ...counted, remotePort: running.port },
    ]);
  });
});
