import { createContextKey, background, sleep } from "@kratosjs/core/context";
import { fromError, isGatewayTimeout, notFound } from "@kratosjs/core/errors";
import type { Middleware } from "@kratosjs/core/middleware";
import { createClient, type ServiceImpl } from "@kratosjs/core/rpc";
import { clientTransport, serverTransport } from "@kratosjs/core/transport";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@kratosjs/protos/grpc/health/v1/health_pb.js";
import { ServerReflection } from "@kratosjs/protos/grpc/reflection/v1/reflection_pb.js";
import { describe, expect, it } from "vitest";
import { MemoryConnection, type MemoryConnectionOptions } from "./index.ts";

const health: ServiceImpl<typeof Health> = {
  async check({ service }, ctx) {
    if (service === "missing")
      throw notFound("NO_SERVICE", "no such service", { metadata: { service } });
    if (service === "slow") await sleep(60_000, { signal: ctx.signal });
    const transport = serverTransport(ctx);
    transport?.replyHeader.set("x-reply", transport.requestHeader.get("x-request"));
    return { status: Status.SERVING };
  },
  async list() {
    return { statuses: { a: { status: Status.SERVING } } };
  },
  async *watch({ service }) {
    yield { status: Status.SERVING };
    if (service === "breaks") throw notFound("GONE", "gone");
    yield { status: Status.NOT_SERVING };
  },
};

function clientOf(options: MemoryConnectionOptions = {}) {
  return createClient(Health, new MemoryConnection(options).register(Health, health));
}

describe("MemoryConnection", () => {
  it("carries unary calls and streams", async () => {
    const client = clientOf();
    expect(await client.check({ service: "a" })).toMatchObject({ status: Status.SERVING });
    const seen: Status[] = [];
    for await (const { status } of client.watch({})) seen.push(status);
    expect(seen).toEqual([Status.SERVING, Status.NOT_SERVING]);
  });

  it("carries both directions of a stream at once", async () => {
    const connection = new MemoryConnection().register(ServerReflection, {
      async *serverReflectionInfo(requests) {
        for await (const { host } of requests) yield { validHost: host.toUpperCase() };
      },
    });
    const asked: string[] = [];
    async function* questions() {
      for (const host of ["a", "b"]) {
        asked.push(host);
        yield { host };
      }
    }
    const answers: string[] = [];
    for await (const { validHost } of createClient(
      ServerReflection,
      connection,
    ).serverReflectionInfo(questions())) {
      answers.push(`${validHost} after ${asked.length}`);
    }
    expect(answers).toEqual(["A after 1", "B after 2"]);
  });

  it("gives a declared error back whole, from calls and from streams", async () => {
    const client = clientOf();
    const error = fromError(
      await client.check({ service: "missing" }).catch((caught: unknown) => caught),
    );
    expect(error).toMatchObject({
      code: 404,
      reason: "NO_SERVICE",
      message: "no such service",
      metadata: { service: "missing" },
    });
    const read = async (): Promise<void> => {
      for await (const _ of client.watch({ service: "breaks" }));
    };
    await expect(read()).rejects.toMatchObject({ code: 404, reason: "GONE" });
  });

  it("answers a method nobody serves with 501", async () => {
    const client = createClient(Health, new MemoryConnection());
    await expect(client.check({})).rejects.toMatchObject({ code: 501 });
  });

  it("ends a call at its deadline, and the server's context with it", async () => {
    let serverSignal: AbortSignal | undefined;
    const watchful: Middleware = (next) => (request, ctx) => {
      serverSignal = ctx.signal;
      return next(request, ctx);
    };
    const call = clientOf({ middleware: [watchful] }).check({ service: "slow" }, { timeoutMs: 20 });
    expect(isGatewayTimeout(await call.catch((error: unknown) => error))).toBe(true);
    expect(serverSignal?.aborted).toBe(true);
  });

  it("ends a call when its signal aborts", async () => {
    const controller = new AbortController();
    const call = clientOf().check({ service: "slow" }, { signal: controller.signal });
    controller.abort();
    expect(fromError(await call.catch((error: unknown) => error)).code).toBe(499);
  });

  it("takes headers both ways and runs the middlewares of both sides", async () => {
    const key = createContextKey("trace", "");
    const order: string[] = [];
    const server: Middleware = (next) => (request, ctx) => {
      order.push(`server ${serverTransport(ctx)?.operation} ${ctx.get(key)}`);
      return next(request, ctx);
    };
    const client: Middleware = (next) => (request, ctx) => {
      order.push(`client ${clientTransport(ctx)?.operation} ${ctx.get(key)}`);
      return next(request, ctx);
    };
    let reply = "";
    await clientOf({ middleware: [server], clientMiddleware: [client] }).check(
      {},
      {
        context: background.with(key, "t1"),
        headers: { "X-Request": "r1" },
        onHeader: (header) => (reply = header.get("x-reply")),
      },
    );
    expect(order).toEqual([
      "client /grpc.health.v1.Health/Check t1",
      "server /grpc.health.v1.Health/Check ",
    ]);
    expect(reply).toBe("r1");
  });

  it("ends the server's stream when the reader leaves", async () => {
    let ended = false;
    const connection = new MemoryConnection().register(Health, {
      ...health,
      async *watch() {
        try {
          for (;;) yield { status: Status.SERVING };
        } finally {
          ended = true;
        }
      },
    });
    for await (const _ of createClient(Health, connection).watch({})) break;
    expect(ended).toBe(true);
  });

  it("refuses a service that is not wholly implemented", () => {
    const partly = { check: health.check } as unknown as typeof health;
    expect(() => new MemoryConnection().register(Health, partly)).toThrow(
      /"list" must be a function/,
    );
  });
});
