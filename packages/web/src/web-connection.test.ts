import { notFound } from "@kratosjs/core/errors";
import { HttpServer } from "@kratosjs/core/http";
import { nopLogger } from "@kratosjs/core/log";
import { type Client, createClient, type ServiceImpl } from "@kratosjs/core/rpc";
import { clientTransport, serverTransport } from "@kratosjs/core/transport";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@kratosjs/protos/grpc/health/v1/health_pb.js";
import { afterEach, describe, expect, test } from "vitest";
import { createWebConnection, type WebConnectionOptions } from "./index.ts";

const health: ServiceImpl<typeof Health> = {
  async check({ service }, ctx) {
    if (service === "missing") {
      throw notFound("NO_SERVICE", "no such service", { metadata: { service } });
    }
    if (service === "slow") return new Promise(() => {});
    const transport = serverTransport(ctx);
    transport?.replyHeader.set("x-reply", transport.requestHeader.get("x-request"));
    return { status: Status.SERVING };
  },
  async list() {
    return { statuses: { a: { status: Status.SERVING } } };
  },
  async *watch({ service }, ctx) {
    yield { status: Status.SERVING };
    if (service === "breaks") throw notFound("GONE", "gone");
    if (service === "endless") {
      await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
      left?.();
    }
    yield { status: Status.NOT_SERVING };
  },
};

let left: (() => void) | undefined;
const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(AbortSignal.abort())));
});

async function client(options: Partial<WebConnectionOptions> = {}): Promise<Client<typeof Health>> {
  const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger });
  servers.push(server);
  server.register(Health, health);
  await server.start();
  const { origin: baseUrl } = await server.endpoint();
  return createClient(Health, createWebConnection({ baseUrl, ...options }));
}

const forms = (["rest", "connect", "grpc-web", "grpc-web-text"] as const).flatMap((protocol) =>
  (["json", "proto"] as const).map((codec) => ({ protocol, codec })),
);

describe.each(forms)("createWebConnection() over $protocol in $codec", (options) => {
  test("createWebConnection() carries calls, headers and errors", async () => {
    const seen: unknown[] = [];
    const calls = await client({
      ...options,
      middleware: [
        (next) => async (request, ctx) => {
          clientTransport(ctx)?.requestHeader.set("x-request", "a");
          const reply = await next(request, ctx);
          seen.push(clientTransport(ctx)?.replyHeader.get("x-reply"));
          return reply;
        },
      ],
    });
    expect(await calls.check({})).toMatchObject({ status: Status.SERVING });
    expect(await calls.list({})).toMatchObject({ statuses: { a: { status: Status.SERVING } } });
    expect(seen[0]).toBe("a");
    await expect(calls.check({ service: "missing" })).rejects.toMatchObject({
      code: 404,
      reason: "NO_SERVICE",
      message: "no such service",
      metadata: { service: "missing" },
    });
  });

  test("createWebConnection() reads streams, their errors, and leaves them", async () => {
    const calls = await client(options);
    const statuses: number[] = [];
    for await (const { status } of calls.watch({})) statuses.push(status);
    expect(statuses).toEqual([Status.SERVING, Status.NOT_SERVING]);
    const breaking = async (): Promise<void> => {
      for await (const { status } of calls.watch({ service: "breaks" })) statuses.push(status);
    };
    await expect(breaking()).rejects.toMatchObject({ code: 404, reason: "GONE" });
    const noticed = new Promise<void>((resolve) => (left = resolve));
    for await (const { status } of calls.watch({ service: "endless" })) {
      statuses.push(status);
      break;
    }
    await noticed;
    expect(statuses).toHaveLength(4);
  });

  test("createWebConnection() ends calls with 504 in time, 499 when the caller leaves, 503 unreached", async () => {
    const calls = await client(options);
    const slow = calls.check({ service: "slow" }, { timeoutMs: 20 });
    await expect(slow).rejects.toMatchObject({ code: 504 });
    const signal = AbortSignal.abort();
    await expect(calls.check({}, { signal })).rejects.toMatchObject({ code: 499 });
    await servers.splice(0)[0]?.stop(AbortSignal.abort());
    await expect(calls.check({})).rejects.toMatchObject({ code: 503 });
  });
});

test("createWebConnection() asks with the fetch and the credentials it is given", async () => {
  const asked: unknown[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    asked.push([input, init?.method, init?.credentials]);
    return Response.json({ status: "SERVING" });
  };
  const options = { baseUrl: "/api/", fetch, credentials: "include" } as const;
  const calls = createClient(Health, createWebConnection(options));
  expect(await calls.check({})).toMatchObject({ status: Status.SERVING });
  expect(asked).toEqual([["/api/grpc.health.v1.Health/Check", "POST", "include"]]);
});
