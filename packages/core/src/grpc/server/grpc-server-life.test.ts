import { once } from "node:events";
import { createServer } from "node:net";
import { Metadata, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { sleep } from "../../context/index.ts";
import { fromError } from "../../errors/index.ts";
import { memoryLogger, nopLogger } from "../../log/index.ts";
import { draining } from "../../transport/index.ts";
import { GrpcServer } from "../index.ts";
import { deferred } from "../testdata/deferred.ts";
import { Echo } from "../testdata/echo_pb.ts";
import { echo, type RunningServer, startEcho } from "../testdata/echo-service.ts";
import { say } from "../testdata/foreign-calls.ts";
import { type ForeignClient, foreignClient } from "../testdata/foreign-echo.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(...args: Parameters<typeof startEcho>): Promise<RunningServer> {
  const running = await startEcho(...args);
  cleanups.push(() => running.stop());
  return running;
}

function clientOf(running: RunningServer, options = {}): ForeignClient {
  const client = foreignClient(running.address, options);
  cleanups.push(() => client.close());
  return client;
}

describe("GrpcServer's life", () => {
  test("GrpcServer answers the call under way when it stops, and refuses new connections", async () => {
    const entered = deferred<void>();
    const leave = deferred<void>();
    const running = await start({
      async say({ text }) {
        entered.resolve();
        await leave.promise;
        return { text };
      },
    });
    const answer = say(clientOf(running), { text: "late" });
    await entered.promise;
    const stopped = running.stop();
    await sleep(20);
    const refused = await say(
      clientOf(running, { "grpc.use_local_subchannel_pool": 1 }),
      {},
      new Metadata(),
      { deadline: Date.now() + 300 },
    );
    expect(refused.error?.code).toBe(status.UNAVAILABLE);
    leave.resolve();
    expect((await answer).reply?.text).toBe("late");
    await stopped;
    await running.server.closed;
  });

  test("GrpcServer cuts what is under way when the signal of stop aborts", async () => {
    const entered = deferred<void>();
    const aborted = deferred<void>();
    const running = await start(
      {
        async say(_request, ctx) {
          ctx.signal.addEventListener("abort", () => aborted.resolve());
          entered.resolve();
          await new Promise(() => {});
          return {};
        },
      },
      { timeoutMs: 0 },
    );
    const answer = say(clientOf(running), {});
    await entered.promise;
    await running.server.stop(AbortSignal.abort());
    expect((await answer).error?.code).toBe(status.UNAVAILABLE);
    await aborted.promise;
  });

  test("GrpcServer tells its streams that it stops, and those it cuts where to go on", async () => {
    const entered = deferred();
    const running = await start({
      async *repeat(_request, ctx) {
        entered.resolve();
        await once(draining(ctx), "abort");
        yield { text: "farewell" };
        await new Promise(() => {});
      },
    });
    const texts: string[] = [];
    const heard = deferred();
    const stream = clientOf(running).repeat({});
    stream.on("data", (reply: { readonly text: string }) => {
      texts.push(reply.text);
      heard.resolve();
    });
    const failed = once(stream, "error");
    await entered.promise;
    const cut = new AbortController();
    const stopped = running.server.stop(cut.signal);
    await heard.promise;
    cut.abort();
    await stopped;
    const [error] = await failed;
    expect(texts).toEqual(["farewell"]);
    const { grpcCode, details } = fromError(error);
    expect(grpcCode).toBe(status.UNAVAILABLE);
    expect(details.map(({ typeUrl }) => typeUrl)).toEqual([
      "type.googleapis.com/google.rpc.RetryInfo",
    ]);
  });

  test("GrpcServer says which address is taken and which option changes it", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => blocker.close());
    const bound = blocker.address();
    const port = typeof bound === "object" ? bound?.port : 0;
    const server = new GrpcServer({ address: `127.0.0.1:${port}`, logger: nopLogger });
    await expect(server.start()).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${port} as the port is taken; set "address" of GrpcServer to another`,
    );
  });

  test("GrpcServer listens on the network it is given", async () => {
    expect(() => new GrpcServer({ address: "[::1]:0", network: "tcp4" })).toThrow(TypeError);
    const running = await start({}, { address: "localhost:0", network: "tcp4" });
    expect((await say(clientOf(running), { text: "four" })).reply?.text).toBe("four");
    const nowhere = new GrpcServer({
      address: "none.invalid:0",
      network: "tcp6",
      logger: nopLogger,
    });
    await expect(nowhere.start()).rejects.toThrow('set "address" of GrpcServer to another');
  });

  test("GrpcServer refuses to register a service twice or after its start", async () => {
    const server = new GrpcServer({ address: "127.0.0.1:0", logger: nopLogger });
    server.register(Echo, echo);
    expect(() => server.register(Echo, echo)).toThrow(
      /registered once: current value is kratos.test.v1.Echo/,
    );
    await server.start();
    cleanups.push(() => server.stop(AbortSignal.abort()));
    expect(() => server.register(Echo, echo)).toThrow(TypeError);
  });

  test("GrpcServer tells its logger where it listens, and that it stops", async () => {
    const { logger, records } = memoryLogger();
    const running = await startEcho({}, { logger });
    await running.stop();
    expect(records).toMatchObject([
      { message: "[gRPC] server listening", fields: { addr: running.address } },
      { message: "[gRPC] server stopping" },
    ]);
  });

  test("GrpcServer serves on a listener it is given", async () => {
    const listener = createServer();
    const running = await start({}, { listener });
    await new Promise((resolve) =>
      listener.listening ? resolve(undefined) : listener.once("listening", resolve),
    );
    expect((await say(clientOf(running), { text: "given" })).reply?.text).toBe("given");
  });
});
