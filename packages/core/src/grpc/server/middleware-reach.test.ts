import { Health } from "@kratosjs/protos/grpc/health/v1/health_pb.js";
import { Channelz } from "@kratosjs/protos/grpc/channelz/v1/channelz_pb.js";
import { ServerReflection } from "@kratosjs/protos/grpc/reflection/v1/reflection_pb.js";
import { afterEach, describe, expect, test } from "vitest";
import { unauthorized } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import { isAsyncIterable, type Middleware } from "../../middleware/index.ts";
import { type AnyService, type Client, createClient } from "../../rpc/index.ts";
import { clientTransport, serverTransport } from "../../transport/index.ts";
import { GrpcClient, type GrpcClientOptions, GrpcServer } from "../index.ts";
import { Echo } from "../testdata/echo_pb.ts";
import { echo, type RunningServer, startEcho } from "../testdata/echo-service.ts";
import { collect, texts } from "../testdata/texts.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(...args: Parameters<typeof startEcho>): Promise<RunningServer> {
  const running = await startEcho(...args);
  cleanups.push(() => running.stop());
  return running;
}

function callsTo<S extends AnyService>(
  service: S,
  endpoint: string,
  options: Partial<GrpcClientOptions> = {},
): Client<S> {
  const client = new GrpcClient({ endpoint, logger: nopLogger, ...options });
  cleanups.push(() => client.close(AbortSignal.abort()));
  return createClient(service, client);
}

const locked: Middleware = () => () => {
  throw unauthorized("NO_TOKEN", "who are you?");
};

/** Notes that it ran, and for what. */
function noting(name: string, notes: string[]): Middleware {
  return (next) => (request, ctx) => {
    notes.push(`${name} ${serverTransport(ctx)?.operation.split("/").at(-1) ?? "?"}`);
    return next(request, ctx);
  };
}

describe("middleware of GrpcServer", () => {
  test("middleware does not wrap health, reflection and channelz", async () => {
    const { address } = await start({}, { middleware: [locked], channelz: true });
    await expect(callsTo(Echo, address).say({})).rejects.toMatchObject({ code: 401 });
    await expect(collect(callsTo(Echo, address).chat(texts("a")))).rejects.toMatchObject({
      code: 401,
    });
    expect((await callsTo(Health, address).check({})).status).toBe(1);
    const watching = callsTo(Health, address).watch({})[Symbol.asyncIterator]();
    expect((await watching.next()).value).toMatchObject({ status: 1 });
    await watching.return?.();
    expect((await callsTo(Channelz, address).getServers({})).server).not.toEqual([]);
    async function* questions() {
      yield { messageRequest: { case: "listServices" as const, value: "" } };
    }
    const answers: (string | undefined)[] = [];
    const reflection = callsTo(ServerReflection, address);
    for await (const { messageResponse } of reflection.serverReflectionInfo(questions())) {
      answers.push(messageResponse.case);
    }
    expect(answers).toEqual(["listServicesResponse"]);
  });

  test("middleware of a selector that takes in everything does not wrap health either", async () => {
    const server = new GrpcServer({ address: "127.0.0.1:0", logger: nopLogger });
    server.use("/*", locked);
    await server.start();
    cleanups.push(() => server.stop(AbortSignal.abort()));
    const { host } = await server.endpoint();
    expect((await callsTo(Health, host).check({})).status).toBe(1);
  });

  test("middleware wraps a health service of the user's own", async () => {
    const server = new GrpcServer({
      address: "127.0.0.1:0",
      logger: nopLogger,
      middleware: [locked],
    });
    server.register(Health, {
      check: () => ({}),
      list: () => ({}),
      async *watch() {},
    });
    await server.start();
    cleanups.push(() => server.stop(AbortSignal.abort()));
    const { host } = await server.endpoint();
    await expect(callsTo(Health, host).check({})).rejects.toMatchObject({ code: 401 });
  });

  test("streamMiddleware wraps streams only, inside middleware and around that of selectors, once for a call", async () => {
    const notes: string[] = [];
    const server = new GrpcServer({
      address: "127.0.0.1:0",
      logger: nopLogger,
      middleware: [noting("all", notes)],
      streamMiddleware: [noting("stream", notes)],
    });
    server.use("/kratos.test.v1.Echo/*", noting("selected", notes)).register(Echo, echo);
    await server.start();
    cleanups.push(() => server.stop(AbortSignal.abort()));
    const calls = callsTo(Echo, (await server.endpoint()).host);
    await calls.say({});
    await collect(calls.repeat({ count: 3 }));
    await calls.gather(texts("a", "b"));
    await collect(calls.chat(texts("a", "b")));
    const layers = ["all", "stream", "selected"];
    expect(notes).toEqual([
      "all Say",
      "selected Say",
      ...layers.map((layer) => `${layer} Repeat`),
      ...layers.map((layer) => `${layer} Gather`),
      ...layers.map((layer) => `${layer} Chat`),
    ]);
  });
});

describe("streamMiddleware of GrpcClient", () => {
  test("streamMiddleware wraps streams only, inside middleware, and its headers are sent", async () => {
    const seen: (string | undefined)[] = [];
    const { address } = await start({
      async *chat(requests, ctx) {
        seen.push(serverTransport(ctx)?.requestHeader.get("x-layer"));
        for await (const { text } of requests) yield { text };
      },
      say(_request, ctx) {
        seen.push(serverTransport(ctx)?.requestHeader.get("x-layer"));
        return {};
      },
    });
    const order: string[] = [];
    const layer =
      (name: string): Middleware =>
      (next) =>
      async (request, ctx) => {
        clientTransport(ctx)?.requestHeader.set("x-layer", name);
        const reply = await next(request, ctx);
        order.push(`${name} ${isAsyncIterable(reply) ? "stream" : "message"}`);
        return reply;
      };
    const calls = callsTo(Echo, address, {
      middleware: [layer("all")],
      streamMiddleware: [layer("stream")],
    });
    await calls.say({});
    expect(await collect(calls.chat(texts("a", "b")))).toEqual(["a", "b"]);
    expect(seen).toEqual(["all", "stream"]);
    expect(order).toEqual(["all message", "stream stream", "all stream"]);
  });
});
