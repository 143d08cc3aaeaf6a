import { Metadata, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { withCancel, background } from "../../context/index.ts";
import { fromError, KratosError, toGrpcStatus, encodeGrpcStatus } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import { type Client, createClient } from "../../rpc/index.ts";
import { clientTransport, type Header } from "../../transport/index.ts";
import { GrpcClient, type GrpcClientOptions } from "../index.ts";
import { deferred } from "../testdata/deferred.ts";
import { Echo } from "../testdata/echo_pb.ts";
import { type ForeignHandlers, startForeign } from "../testdata/foreign-echo.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function connect(
  implementation: Parameters<typeof startForeign>[0],
  options: Partial<GrpcClientOptions> & { readonly server?: object } = {},
): Promise<Client<typeof Echo>> {
  const { server, ...client } = options;
  const foreign = await startForeign(implementation, server);
  cleanups.push(() => foreign[Symbol.asyncDispose]());
  const connection = new GrpcClient({ endpoint: foreign.address, logger: nopLogger, ...client });
  cleanups.push(() => connection.close(AbortSignal.abort()));
  return createClient(Echo, connection);
}

async function* texts(...list: readonly string[]): AsyncGenerator<{ text: string }> {
  for (const text of list) yield { text };
}

async function collect(stream: AsyncIterable<{ text: string }>): Promise<readonly string[]> {
  const list: string[] = [];
  for await (const { text } of stream) list.push(text);
  return list;
}

const failureOf = (call: Promise<unknown>): Promise<KratosError> =>
  call.then(
    () => Promise.reject(new Error("the call should have failed")),
    (error: unknown) => fromError(error),
  );

describe("GrpcClient to a foreign server", () => {
  test("GrpcClient makes all four kinds of calls", async () => {
    const calls = await connect({
      say: (call, reply) => reply(null, { text: call.request.text, data: call.request.data }),
      repeat: (call) => {
        for (let at = 0; at < call.request.count; at += 1) call.write({ text: `${at}` });
        call.end();
      },
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
    expect(await calls.say({ text: "hi", data: new Uint8Array([7]) })).toMatchObject({
      text: "hi",
      data: new Uint8Array([7]),
    });
    expect(await collect(calls.repeat({ count: 3 }))).toEqual(["0", "1", "2"]);
    expect((await calls.gather(texts("a", "b"))).text).toBe("a b");
    expect(await collect(calls.chat(texts("x", "y")))).toEqual(["x", "y"]);
  });

  test("GrpcClient answers a status with details as the KratosError it was", async () => {
    const calls = await connect({
      say: (_call, reply) => {
        const sent = toGrpcStatus(
          new KratosError("gone – ü", { code: 404, reason: "LOST", metadata: { a: "b" } }),
        );
        const metadata = new Metadata();
        metadata.set("grpc-status-details-bin", Buffer.from(encodeGrpcStatus(sent)));
        reply({ code: status.NOT_FOUND, details: "gone – ü", metadata });
      },
    });
    const error = await failureOf(calls.say({}));
    expect(error).toMatchObject({
      code: 404,
      reason: "LOST",
      message: "gone – ü",
      metadata: { a: "b" },
    });
  });

  test("GrpcClient answers a method nobody serves with 501", async () => {
    const calls = await connect({});
    expect(await failureOf(calls.say({}))).toMatchObject({
      code: 501,
      grpcCode: status.UNIMPLEMENTED,
    });
  });

  test("GrpcClient sends headers and metadata of middleware, and shows those of the answer", async () => {
    const seen = deferred<Metadata>();
    let replyHeader: Header | undefined;
    const calls = await connect(
      {
        say: (call, reply) => {
          seen.resolve(call.metadata);
          const header = new Metadata();
          header.add("x-reply", "r");
          call.sendMetadata(header);
          const trailer = new Metadata();
          trailer.add("x-trailer-bin", Buffer.from([9]));
          reply(null, {}, trailer);
        },
      },
      {
        middleware: [
          (next) => (request, ctx) => {
            const transport = clientTransport(ctx);
            transport?.requestHeader.add("x-own", "1");
            transport?.requestHeader.add("x-own", "2");
            replyHeader = transport?.replyHeader;
            return next(request, ctx);
          },
        ],
      },
    );
    const trailer = deferred<Header>();
    await calls.say(
      {},
      {
        headers: {
          "x-asked": "yes",
          "x-raw-bin": ["AQI=", "Aw"],
          "grpc-timeout": "1n",
          te: "gzip",
        },
        onTrailer: trailer.resolve,
      },
    );
    const metadata = await seen.promise;
    expect(metadata.get("x-asked")).toEqual(["yes"]);
    expect(metadata.get("x-own").join(",").replaceAll(" ", "")).toBe("1,2");
    expect(metadata.get("x-raw-bin")).toEqual([Buffer.from([1, 2]), Buffer.from([3])]);
    expect(replyHeader?.get("x-reply")).toBe("r");
    expect((await trailer.promise).get("x-trailer-bin")).toMatch(/^CQ/);
  });

  test("GrpcClient refuses metadata that cannot be sent", async () => {
    const calls = await connect({ say: (_call, reply) => reply(null, {}) });
    expect((await failureOf(calls.say({}, { headers: { "x-bad": "ü" } }))).message).toContain(
      "x-bad",
    );
  });

  test("GrpcClient gives up at its deadline, tells the server, and reports 504", async () => {
    const cancelled = deferred();
    const deadline = deferred<unknown>();
    const calls = await connect({
      say: (call) => {
        deadline.resolve(call.getDeadline());
        call.on("cancelled", () => cancelled.resolve());
      },
    });
    const before = Date.now();
    const error = await failureOf(calls.say({}, { timeoutMs: 80 }));
    expect(error).toMatchObject({ code: 504, grpcCode: status.DEADLINE_EXCEEDED });
    expect(Date.now() - before).toBeGreaterThanOrEqual(79);
    expect(Number(await deadline.promise) - before).toBeLessThan(1000);
    await cancelled.promise;
  });

  test("GrpcClient resets the call when the signal or the context ends, and reports 499", async () => {
    const started: (() => void)[] = [];
    const cancelled = deferred();
    const calls = await connect({
      say: (call) => {
        call.on("cancelled", () => cancelled.resolve());
        started.shift()?.();
      },
    });
    const controller = new AbortController();
    started.push(() => controller.abort());
    expect(await failureOf(calls.say({}, { signal: controller.signal }))).toMatchObject({
      code: 499,
    });
    await cancelled.promise;
    const { context, cancel } = withCancel(background);
    started.push(() => cancel());
    expect(await failureOf(calls.say({}, { context }))).toMatchObject({ code: 499 });
  });

  test("GrpcClient resets a stream that is left, and lets the source of requests clean up", async () => {
    const cancelled = deferred();
    const cleaned = deferred();
    const calls = await connect({
      chat: (call) => {
        call.on("cancelled", () => cancelled.resolve());
        call.on("data", ({ text }) => call.write({ text }));
      },
    });
    async function* endless(): AsyncGenerator<{ text: string }> {
      try {
        for (let at = 0; ; at += 1) {
          yield { text: `${at}` };
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        cleaned.resolve();
      }
    }
    for await (const { text } of calls.chat(endless())) if (text === "3") break;
    await cancelled.promise;
    await cleaned.promise;
  });

  test("GrpcClient ends the call with the error of its source of requests", async () => {
    const cancelled = deferred();
    const calls = await connect({
      gather: (call) => {
        call.on("cancelled", () => cancelled.resolve());
        call.resume();
      },
    });
    async function* broken(): AsyncGenerator<{ text: string }> {
      yield { text: "a" };
      throw new TypeError("no more");
    }
    await expect(calls.gather(broken())).rejects.toThrow("no more");
    await cancelled.promise;
  });

  test("GrpcClient refuses answers and requests over its limits", async () => {
    const calls = await connect(
      { say: (_call, reply) => reply(null, { data: new Uint8Array(2000) }) },
      { maxReceiveMessageBytes: 1000, maxSendMessageBytes: 100 },
    );
    expect(await failureOf(calls.say({}))).toMatchObject({ grpcCode: status.RESOURCE_EXHAUSTED });
    expect(await failureOf(calls.say({ data: new Uint8Array(101) }))).toMatchObject({
      grpcCode: status.RESOURCE_EXHAUSTED,
    });
  });

  test("GrpcClient writes and reads gzip", async () => {
    const encoding = deferred<unknown>();
    const calls = await connect(
      {
        say: (call, reply) => {
          encoding.resolve(call.metadata.get("grpc-encoding"));
          reply(null, { data: call.request.data });
        },
      },
      { compression: "gzip", server: { "grpc.default_compression_algorithm": 2 } },
    );
    const data = new Uint8Array(100_000).fill(7);
    expect((await calls.say({ data })).data).toEqual(data);
  });

  test("GrpcClient reads a message larger than the window", async () => {
    const calls = await connect({
      say: (call, reply) => reply(null, { data: call.request.data }),
    });
    const data = new Uint8Array(3_500_000).map((_, at) => at % 241);
    expect(Buffer.compare((await calls.say({ data })).data, data)).toBe(0);
  });
});

describe("GrpcClient's connections", () => {
  test("GrpcClient reports 503 at once when nobody listens", async () => {
    const foreign = await startForeign({});
    await foreign[Symbol.asyncDispose]();
    const client = new GrpcClient({ endpoint: foreign.address, logger: nopLogger });
    cleanups.push(() => client.close());
    const error = await failureOf(createClient(Echo, client).say({}));
    expect(error).toMatchObject({ code: 503, grpcCode: status.UNAVAILABLE });
    expect(error.message).toContain("ECONNREFUSED");
  });

  test("GrpcClient waits for a connection when it is asked to", async () => {
    const gone = await startForeign({});
    const port = Number(gone.address.split(":")[1]);
    await gone[Symbol.asyncDispose]();
    const client = new GrpcClient({ endpoint: gone.address, logger: nopLogger });
    cleanups.push(() => client.close());
    const calls = createClient(Echo, client);
    const answer = calls.say({ text: "w" }, { waitForReady: true, timeoutMs: 7000 });
    const refused = await failureOf(calls.say({}));
    expect(refused.code).toBe(503);
    const back = await startForeign(
      { say: (call, reply) => reply(null, { text: call.request.text }) },
      { port },
    );
    cleanups.push(() => back[Symbol.asyncDispose]());
    expect((await answer).text).toBe("w");
  });

  test("GrpcClient calls another node when one cannot be reached", async () => {
    const gone = await startForeign({});
    await gone[Symbol.asyncDispose]();
    const here = await startForeign({
      say: (_call, reply) => reply(null, { text: "here" }),
    });
    cleanups.push(() => here[Symbol.asyncDispose]());
    const client = new GrpcClient({
      endpoint: `direct:///${gone.address},${here.address}`,
      logger: nopLogger,
    });
    cleanups.push(() => client.close());
    const calls = createClient(Echo, client);
    for (let at = 0; at < 6; at += 1) expect((await calls.say({})).text).toBe("here");
  });

  test("GrpcClient connects anew after the server has gone and come back", async () => {
    const say: ForeignHandlers["say"] = (_call, reply) => reply(null, { text: "ok" });
    const first = await startForeign({ say });
    const client = new GrpcClient({ endpoint: first.address, logger: nopLogger });
    cleanups.push(() => client.close());
    const calls = createClient(Echo, client);
    expect((await calls.say({})).text).toBe("ok");
    const [session] = [...client.sessions.values()].flat();
    await first[Symbol.asyncDispose]();
    await session?.closed;
    const second = await startForeign({ say }, { port: Number(first.address.split(":")[1]) });
    cleanups.push(() => second[Symbol.asyncDispose]());
    expect((await calls.say({}, { waitForReady: true, timeoutMs: 5000 })).text).toBe("ok");
  });

  test("GrpcClient opens a further connection when the peer's limit of streams is reached", async () => {
    const waiting: (() => void)[] = [];
    const all = deferred();
    const foreign = await startForeign(
      {
        say: (_call, reply) => {
          waiting.push(() => reply(null, {}));
          if (waiting.length === 4) all.resolve();
        },
      },
      { "grpc.max_concurrent_streams": 2 },
    );
    cleanups.push(() => foreign[Symbol.asyncDispose]());
    const client = new GrpcClient({
      endpoint: foreign.address,
      logger: nopLogger,
      healthCheck: false,
      maxConnections: 2,
    });
    cleanups.push(() => client.close());
    const calls = createClient(Echo, client);
    const answers = [1, 2, 3, 4, 5].map(() => calls.say({}));
    await all.promise;
    expect([...client.sessions.values()].flat()).toHaveLength(2);
    for (const answer of waiting.splice(0)) answer();
    await Promise.race(answers);
    const fifth = setInterval(() => waiting.splice(0).forEach((answer) => answer()), 5);
    await Promise.all(answers);
    clearInterval(fifth);
  });
});
