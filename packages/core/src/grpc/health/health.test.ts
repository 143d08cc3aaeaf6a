import { describe, expect, test } from "vitest";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@kratosjs/protos/grpc/health/v1/health_pb.js";
import { nopLogger } from "../../log/index.ts";
import { type Client, createClient } from "../../rpc/index.ts";
import { GrpcClient } from "../index.ts";
import { startEcho } from "../testdata/echo-service.ts";

async function withHealth(
  use: (
    health: Client<typeof Health>,
    running: Awaited<ReturnType<typeof startEcho>>,
  ) => Promise<void>,
): Promise<void> {
  await using running = await startEcho();
  const client = new GrpcClient({ endpoint: running.address, logger: nopLogger });
  try {
    await use(createClient(Health, client), running);
  } finally {
    await client.close(AbortSignal.abort());
  }
}

describe("health", () => {
  test("health says SERVING for the server and each service, NOT_FOUND for others", () =>
    withHealth(async (health, { server }) => {
      expect((await health.check({})).status).toBe(Status.SERVING);
      expect((await health.check({ service: "kratos.test.v1.Echo" })).status).toBe(Status.SERVING);
      await expect(health.check({ service: "no.Such" })).rejects.toMatchObject({ code: 404 });
      server.health.set("kratos.test.v1.Echo", "NOT_SERVING");
      expect((await health.check({ service: "kratos.test.v1.Echo" })).status).toBe(
        Status.NOT_SERVING,
      );
      const { statuses } = await health.list({});
      expect(statuses[""]?.status).toBe(Status.SERVING);
      expect(statuses["kratos.test.v1.Echo"]?.status).toBe(Status.NOT_SERVING);
    }));

  test("health tells a watcher of each change, and of the stop before the stream ends", () =>
    withHealth(async (health, { server, stop }) => {
      const seen: Status[] = [];
      const watching = (async () => {
        for await (const { status } of health.watch({ service: "later.Service" })) {
          seen.push(status);
          if (seen.length === 1) server.health.set("later.Service", "SERVING");
          if (seen.length === 2) void stop();
        }
      })();
      await expect(watching).rejects.toMatchObject({ code: 503 });
      expect(seen).toEqual([Status.SERVICE_UNKNOWN, Status.SERVING, Status.NOT_SERVING]);
    }));

  test("health is not served when it is turned off", async () => {
    await using running = await startEcho({}, { health: false, reflection: false });
    const client = new GrpcClient({ endpoint: running.address, logger: nopLogger });
    await expect(createClient(Health, client).check({})).rejects.toMatchObject({ code: 501 });
    await client.close();
  });

  test("GrpcClient passes over a node that says NOT_SERVING", async () => {
    const sayer = (text: string) => ({ say: () => ({ text }) });
    await using one = await startEcho(sayer("one"));
    await using two = await startEcho(sayer("two"));
    const { Echo } = await import("../testdata/echo_pb.ts");
    const client = new GrpcClient({
      endpoint: `direct:///${one.address},${two.address}`,
      logger: nopLogger,
    });
    const calls = createClient(Echo, client);
    const first = new Set([(await calls.say({})).text, (await calls.say({})).text]);
    expect(first).toEqual(new Set(["one", "two"]));
    one.server.health.set("", "NOT_SERVING");
    // The news has to travel: ask until it has come, then it must hold.
    while ((await calls.say({})).text === "one" || (await calls.say({})).text === "one");
    for (let at = 0; at < 4; at += 1) expect((await calls.say({})).text).toBe("two");
    one.server.health.set("", "SERVING");
    while ((await calls.say({})).text !== "one");
    await client.close(AbortSignal.abort());
  });
});
