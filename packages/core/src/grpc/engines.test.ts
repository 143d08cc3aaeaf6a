import { type Engine, engine, nodeHttp2 } from "@kratosjs/h2";
import { Metadata, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { fromError, notFound } from "../errors/index.ts";
import { nopLogger } from "../log/index.ts";
import { type Client, createClient } from "../rpc/index.ts";
import { type Header, serverTransport } from "../transport/index.ts";
import { GrpcClient, type GrpcClientOptions, replyTrailer } from "./index.ts";
import { deferred } from "./testdata/deferred.ts";
import { Echo } from "./testdata/echo_pb.ts";
import { type RunningServer, startEcho } from "./testdata/echo-service.ts";
import { read, say } from "./testdata/foreign-calls.ts";
import { foreignClient, startForeign } from "./testdata/foreign-echo.ts";
import { collect, texts } from "./testdata/texts.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const engines: readonly Engine[] = [engine(), nodeHttp2()];
const pairs = engines.flatMap((client) => engines.map((server) => ({ client, server })));
const named = pairs.map((pair) => ({
  ...pair,
  title: `${pair.client.name} client, ${pair.server.name} server`,
}));

const failureOf = (call: Promise<unknown>): Promise<ReturnType<typeof fromError>> =>
  call.then(
    () => Promise.reject(new Error("the call should have failed")),
    (error: unknown) => fromError(error),
  );

async function* endless(): AsyncGenerator<{ text: string }> {
  yield { text: "a" };
  await new Promise(() => {});
}

describe.each(named)("GrpcClient and GrpcServer over $title", ({ client, server }) => {
  async function start(...[impl, options]: Parameters<typeof startEcho>): Promise<RunningServer> {
    const running = await startEcho(impl, { engine: server, ...options });
    cleanups.push(() => running.stop());
    return running;
  }

  function callsTo(
    endpoint: string,
    options: Partial<GrpcClientOptions> = {},
  ): Client<typeof Echo> {
    const connection = new GrpcClient({ endpoint, engine: client, logger: nopLogger, ...options });
    cleanups.push(() => connection.close(AbortSignal.abort()));
    return createClient(Echo, connection);
  }

  test("GrpcClient makes all four kinds of calls", async () => {
    const calls = callsTo((await start()).address);
    expect((await calls.say({ text: "hi" })).text).toBe("hi");
    expect(await collect(calls.repeat({ text: "n", count: 3 }))).toEqual(["n 0", "n 1", "n 2"]);
    expect((await calls.gather(texts("a", "b", "c"))).text).toBe("a b c");
    expect(await collect(calls.chat(texts("x", "y")))).toEqual(["x", "y"]);
    expect(await collect(calls.chat(texts()))).toEqual([]);
  });

  test("GrpcClient makes many calls at a time", async () => {
    const calls = callsTo((await start()).address, {});
    const many = Array.from({ length: 300 }, (_, at) => calls.say({ text: `${at}` }));
    expect((await Promise.all(many)).map(({ text }) => text)).toEqual(many.map((_, at) => `${at}`));
  });

  test("GrpcClient waits for room when the server's limit of streams is reached", async () => {
    const running = await start({}, { connection: { maxConcurrentStreams: 3 } });
    const calls = callsTo(running.address, {});
    const many = Array.from({ length: 50 }, (_, at) => calls.say({ text: `${at}` }));
    expect((await Promise.all(many)).map(({ text }) => text)).toEqual(many.map((_, at) => `${at}`));
  });

  test("GrpcClient gives back the error of the handler, before and after a message", async () => {
    const fail = (): never => {
      throw notFound("ECHO_LOST", "no such echo: ü", { metadata: { at: "cliff" } });
    };
    const running = await start({
      say: fail,
      gather: fail,
      async *repeat({ text }) {
        yield { text };
        fail();
      },
    });
    const calls = callsTo(running.address);
    const expected = {
      code: 404,
      reason: "ECHO_LOST",
      message: "no such echo: ü",
      metadata: { at: "cliff" },
    };
    await expect(calls.say({})).rejects.toMatchObject(expected);
    await expect(calls.gather(endless())).rejects.toMatchObject(expected);
    await expect(collect(calls.repeat({ text: "a" }))).rejects.toMatchObject(expected);
  });

  test("GrpcClient and GrpcServer exchange headers and trailers, several values a name and bytes", async () => {
    const seen: (readonly string[])[] = [];
    const running = await start({
      say: (_request, ctx) => {
        const transport = serverTransport(ctx);
        seen.push(transport?.requestHeader.values("x-many") ?? []);
        transport?.replyHeader.set("x-head", "1");
        replyTrailer(ctx)?.add("x-end", "2");
        replyTrailer(ctx)?.add("x-end", "3");
        return { text: "ok" };
      },
    });
    const header = deferred<Header>();
    const trailer = deferred<Header>();
    const reply = await callsTo(running.address).say(
      {},
      { headers: { "x-many": ["a", "b"] }, onHeader: header.resolve, onTrailer: trailer.resolve },
    );
    expect(reply.text).toBe("ok");
    expect(seen).toEqual([["a", "b"]]);
    expect((await header.promise).get("x-head")).toBe("1");
    expect((await trailer.promise).values("x-end")).toEqual(["2", "3"]);
  });

  test("GrpcClient ends a call at its deadline, and the handler's signal aborts", async () => {
    const aborted = deferred();
    const running = await start({
      say: (_request, ctx) =>
        new Promise((_resolve, reject) => {
          ctx.signal.addEventListener("abort", () => {
            aborted.resolve();
            reject(ctx.signal.reason);
          });
        }),
    });
    expect((await failureOf(callsTo(running.address).say({}, { timeoutMs: 50 }))).code).toBe(504);
    await aborted.promise;
  });

  test("GrpcServer breaks the request stream of a caller who cancels", async () => {
    const thrown = deferred<unknown>();
    const got = deferred();
    const running = await start({
      async gather(requests) {
        try {
          for await (const { text } of requests) if (text !== "") got.resolve();
        } catch (error) {
          thrown.resolve(error);
        }
        return {};
      },
    });
    const controller = new AbortController();
    const answer = failureOf(
      callsTo(running.address).gather(endless(), { signal: controller.signal }),
    );
    await got.promise;
    controller.abort();
    expect((await answer).code).toBe(499);
    expect(await thrown.promise).toBeInstanceOf(Error);
  });

  test("GrpcServer ends the stream of a caller who stops reading", async () => {
    const cleaned = deferred();
    const running = await start({
      async *repeat() {
        try {
          for (;;) yield { data: new Uint8Array(10_000) };
        } finally {
          cleaned.resolve();
        }
      },
    });
    const calls = callsTo(running.address);
    for await (const { data } of calls.repeat({})) {
      expect(data).toHaveLength(10_000);
      break;
    }
    await cleaned.promise;
    expect((await calls.say({ text: "on" })).text).toBe("on");
  });

  test("GrpcServer answers early, and GrpcClient stops sending", async () => {
    const running = await start({ gather: async () => ({ text: "enough" }) });
    const calls = callsTo(running.address);
    for (let at = 0; at < 20; at += 1) expect((await calls.gather(endless())).text).toBe("enough");
    expect((await calls.say({ text: "on" })).text).toBe("on");
  });

  test.each([
    ["large windows", {}],
    ["small windows", { initialWindowBytes: 10_000, connectionWindowBytes: 65_535 }],
  ])(
    "GrpcClient and GrpcServer carry large messages both ways through %s",
    async (_name, connection) => {
      const limits = {
        maxReceiveMessageBytes: 16_000_000,
        maxSendMessageBytes: 16_000_000,
        timeoutMs: 0,
        connection,
      };
      const running = await start(
        {
          say: ({ data }, ctx) => {
            serverTransport(ctx)?.replyHeader.set("x-large", "yes");
            return { data };
          },
          async *repeat({ count, data }) {
            for (let at = 0; at < count; at += 1) yield { data };
          },
        },
        limits,
      );
      const calls = callsTo(running.address, limits);
      const data = new Uint8Array(5_000_000).map((_, at) => at % 251);
      const replies = await Promise.all([calls.say({ data }), calls.say({ data })]);
      for (const reply of replies) expect(Buffer.compare(reply.data, data)).toBe(0);
      let got = 0;
      for await (const reply of calls.repeat({ count: 3, data })) got += reply.data.length;
      expect(got).toBe(15_000_000);
    },
  );

  test("GrpcServer writes no further than a slow reader lets it", async () => {
    let written = 0;
    const data = new Uint8Array(65_536);
    const running = await start({
      async *repeat({ count }) {
        for (; written < count; written += 1) yield { data };
      },
    });
    const calls = callsTo(running.address, { connection: { initialWindowBytes: 262_144 } });
    let got = 0;
    for await (const reply of calls.repeat({ count: 400 })) {
      got += reply.data.length > 0 ? 1 : 0;
      if (got < 5) await new Promise((resolve) => setTimeout(resolve, 10));
      if (got === 4) expect(written).toBeLessThan(150);
    }
    expect(got).toBe(400);
  });

  test("GrpcServer finishes the calls under way while it stops", async () => {
    const entered = deferred();
    const leave = deferred();
    const running = await start({
      async say({ text }) {
        entered.resolve();
        await leave.promise;
        return { text };
      },
    });
    const answer = callsTo(running.address).say({ text: "slow" });
    await entered.promise;
    const stopped = running.server.stop(AbortSignal.timeout(10_000));
    leave.resolve();
    expect((await answer).text).toBe("slow");
    await stopped;
  });

  test("GrpcServer ends the calls that outlast its stop", async () => {
    const entered = deferred();
    const running = await start({
      async say() {
        entered.resolve();
        return new Promise(() => {});
      },
    });
    const answer = failureOf(callsTo(running.address, { timeoutMs: 0 }).say({}));
    await entered.promise;
    await running.server.stop(AbortSignal.timeout(50));
    expect((await answer).code).toBe(503);
  });
});

describe.each(engines)("A peer of @grpc/grpc-js with $name", (own) => {
  test("GrpcServer answers a foreign client", async () => {
    const running = await startEcho(
      {
        chat: async function* (requests) {
          for await (const { text } of requests) {
            if (text === "bad") throw notFound("LOST", "lost");
            yield { text };
          }
        },
      },
      { engine: own },
    );
    cleanups.push(() => running.stop());
    const foreign = foreignClient(running.address);
    cleanups.push(() => foreign.close());
    const data = new Uint8Array(1_000_000).fill(7);
    expect((await say(foreign, { data }, new Metadata())).reply?.data).toHaveLength(1_000_000);
    expect((await read(foreign.repeat({ text: "n", count: 2 }))).texts).toEqual(["n 0", "n 1"]);
    const chat = foreign.chat();
    chat.write({ text: "good" });
    chat.write({ text: "bad" });
    const { texts: heard, error } = await read(chat);
    expect(heard).toEqual(["good"]);
    expect(error).toMatchObject({ code: status.NOT_FOUND, details: "lost" });
  });

  test("GrpcClient calls a foreign server", async () => {
    const foreign = await startForeign({
      say: (call, reply) =>
        call.request.text === "bad"
          ? reply({ code: status.ABORTED, details: "twice" })
          : reply(null, { text: call.request.text, data: call.request.data }),
      gather: (call, reply) => {
        const list: string[] = [];
        call.on("data", ({ text }) => list.push(text));
        call.on("end", () => reply(null, { text: list.join(" ") }));
      },
      chat: (call) => {
        call.on("data", ({ text }) => call.write({ text }));
        call.on("end", () => call.end());
      },
    });
    cleanups.push(() => foreign[Symbol.asyncDispose]());
    const connection = new GrpcClient({
      endpoint: foreign.address,
      engine: own,
      logger: nopLogger,
    });
    cleanups.push(() => connection.close(AbortSignal.abort()));
    const calls = createClient(Echo, connection);
    const data = new Uint8Array(1_000_000).fill(7);
    expect((await calls.say({ text: "hi", data })).data).toHaveLength(1_000_000);
    expect((await failureOf(calls.say({ text: "bad" }))).code).toBe(409);
    expect((await calls.gather(texts("a", "b"))).text).toBe("a b");
    expect(await collect(calls.chat(texts("x", "y")))).toEqual(["x", "y"]);
  });
});
