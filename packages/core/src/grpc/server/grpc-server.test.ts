import { createServer } from "node:net";
import {
  compressionAlgorithms,
  Metadata,
  status,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ServiceError,
} from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { sleep } from "../../context/index.ts";
import { conflict, decodeGrpcStatus, fromError, notFound } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import { serverTransport } from "../../transport/index.ts";
import { compressReply, GrpcServer, replyTrailer } from "../index.ts";
import { deferred } from "../testdata/deferred.ts";
import { Echo, type EchoReply } from "../testdata/echo_pb.ts";
import { echo, type RunningServer, startEcho } from "../testdata/echo-service.ts";
import { type ForeignClient, foreignClient } from "../testdata/foreign-echo.ts";

interface Outcome {
  readonly error: ServiceError | null;
  readonly reply: EchoReply | undefined;
  readonly header: Metadata;
  readonly trailer: Metadata;
}
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

function say(
  client: ForeignClient,
  request: object,
  metadata = new Metadata(),
  options = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const seen = {
      header: new Metadata(),
      trailer: new Metadata(),
      result: { error: null, reply: undefined } as Pick<Outcome, "error" | "reply">,
    };
    const call = client.say(request, metadata, options, (error, reply) => {
      seen.result = { error, reply };
    });
    call.on("metadata", (header: Metadata) => (seen.header = header));
    call.on("status", (end: { metadata: Metadata }) => {
      seen.trailer = end.metadata;
      setImmediate(() => resolve({ ...seen, ...seen.result }));
    });
  });
}

function read(
  stream: ClientReadableStream<EchoReply> | ClientDuplexStream<unknown, EchoReply>,
): Promise<{ texts: string[]; error: ServiceError | undefined }> {
  return new Promise((resolve) => {
    const texts: string[] = [];
    stream.on("data", (reply: { text: string }) => texts.push(reply.text));
    stream.on("end", () => resolve({ texts, error: undefined }));
    stream.on("error", (error: ServiceError) => resolve({ texts, error }));
  });
}

describe("GrpcServer to a foreign client", () => {
  test("GrpcServer answers all four kinds of calls", async () => {
    const client = clientOf(await start());
    expect((await say(client, { text: "hi", data: new Uint8Array([1, 2]) })).reply).toMatchObject({
      text: "hi",
      data: Buffer.from([1, 2]),
    });
    expect((await read(client.repeat({ text: "n", count: 2 }))).texts).toEqual(["n 0", "n 1"]);
    const gathered = new Promise((resolve) => {
      const call = client.gather((_error, reply) => resolve(reply?.text));
      call.write({ text: "a" });
      call.write({ text: "b" });
      call.end();
    });
    expect(await gathered).toBe("a b");
    const chat = client.chat();
    const read$ = read(chat);
    chat.write({ text: "x" });
    chat.write({ text: "y" });
    chat.end();
    expect((await read$).texts).toEqual(["x", "y"]);
  });

  test("GrpcServer answers each message of a conversation before the next is sent", async () => {
    const chat = clientOf(await start()).chat();
    const said: string[] = [];
    await new Promise<void>((resolve) => {
      chat.on("data", ({ text }: { text: string }) => {
        said.push(text);
        if (said.length === 3) chat.end();
        else chat.write({ text: `${said.length}` });
      });
      chat.on("end", resolve);
      chat.write({ text: "0" });
    });
    expect(said).toEqual(["0", "1", "2"]);
  });

  test("GrpcServer sends an error with reason and metadata as status with details", async () => {
    const client = clientOf(
      await start({
        say() {
          throw notFound("ECHO_LOST", "lost 100% – ü", { metadata: { at: "cliff" } });
        },
      }),
    );
    const { error } = await say(client, {});
    expect(error).toMatchObject({ code: status.NOT_FOUND, details: "lost 100% – ü" });
    const [details] = error?.metadata.get("grpc-status-details-bin") ?? [];
    expect(decodeGrpcStatus(Buffer.from(details ?? "")).details[0]?.typeUrl).toContain(
      "google.rpc.ErrorInfo",
    );
    expect(fromError(error)).toMatchObject({
      code: 404,
      reason: "ECHO_LOST",
      metadata: { at: "cliff" },
    });
  });

  test("GrpcServer ends a stream with the error after the messages before it", async () => {
    const client = clientOf(
      await start({
        async *repeat() {
          yield { text: "one" };
          throw conflict("ECHO_TWICE", "twice");
        },
      }),
    );
    const { texts, error } = await read(client.repeat({}));
    expect(texts).toEqual(["one"]);
    expect(error).toMatchObject({ code: status.ABORTED, details: "twice" });
  });

  test("GrpcServer answers UNKNOWN when a handler breaks, and goes on", async () => {
    const client = clientOf(
      await start({
        say({ text }) {
          if (text === "break") throw new RangeError("broken");
          return { text };
        },
      }),
    );
    expect((await say(client, { text: "break" })).error).toMatchObject({ code: status.UNKNOWN });
    expect((await say(client, { text: "ok" })).reply?.text).toBe("ok");
  });

  test("GrpcServer shows metadata with several values and of -bin names, and sends header and trailer", async () => {
    const seen: Record<string, readonly string[]> = {};
    const client = clientOf(
      await start({
        say({ text }, ctx) {
          const call = serverTransport(ctx);
          for (const name of call?.requestHeader.keys() ?? [])
            seen[name] = call?.requestHeader.values(name) ?? [];
          call?.replyHeader.add("x-reply", "a");
          call?.replyHeader.add("x-reply", "b");
          call?.replyHeader.add("x-data-bin", Buffer.from([0, 255]).toString("base64"));
          call?.replyHeader.set("grpc-status", "13");
          replyTrailer(ctx)?.set("x-trailer", "end");
          return { text };
        },
      }),
    );
    const metadata = new Metadata();
    metadata.add("x-many", "1");
    metadata.add("x-many", "2");
    metadata.add("x-raw-bin", Buffer.from([1, 2, 3]));
    metadata.add("x-raw-bin", Buffer.from([4]));
    const { reply, header, trailer } = await say(client, { text: "m" }, metadata);
    expect(reply?.text).toBe("m");
    expect(seen["x-many"]?.join(",").replaceAll(" ", "")).toBe("1,2");
    expect(seen["x-raw-bin"]?.map((value) => [...Buffer.from(value, "base64")])).toEqual([
      [1, 2, 3],
      [4],
    ]);
    expect(header.get("x-reply").join(",").replaceAll(" ", "")).toBe("a,b");
    expect(header.get("x-data-bin")).toEqual([Buffer.from([0, 255])]);
    expect(trailer.get("x-trailer")).toEqual(["end"]);
  });

  test("GrpcServer sends the reply header also with an error, and a late one of a stream as trailer", async () => {
    const client = clientOf(
      await start({
        say(_request, ctx) {
          serverTransport(ctx)?.replyHeader.set("x-reply", "kept");
          throw notFound("GONE", "gone");
        },
        async *repeat(_request, ctx) {
          yield { text: "one" };
          serverTransport(ctx)?.replyHeader.set("x-late", "yes");
        },
      }),
    );
    const { error, header } = await say(client, {});
    expect(error?.code).toBe(status.NOT_FOUND);
    expect(header.get("x-reply")).toEqual(["kept"]);
    const call = client.repeat({});
    const ended = new Promise<Metadata>((resolve) =>
      call.on("status", (end) => resolve(end.metadata)),
    );
    await read(call);
    expect((await ended).get("x-late")).toEqual(["yes"]);
  });

  test("GrpcServer wraps calls in its middleware, the selector's inside", async () => {
    const order: string[] = [];
    const mark =
      (name: string): Middleware =>
      (next) =>
      (request, ctx) => {
        order.push(`${name} ${serverTransport(ctx)?.kind} ${serverTransport(ctx)?.operation}`);
        return next(request, ctx);
      };
    const server = new GrpcServer({
      address: "127.0.0.1:0",
      logger: nopLogger,
      middleware: [mark("outer")],
    });
    server.register(Echo, echo).use("/kratos.test.v1.Echo/S*", mark("inner"));
    await server.start();
    cleanups.push(() => server.stop(AbortSignal.timeout(1000)));
    const client = foreignClient(`127.0.0.1:${(await server.endpoint()).port}`);
    cleanups.push(() => client.close());
    await say(client, {});
    await read(client.repeat({ count: 1 }));
    expect(order).toEqual([
      "outer grpc /kratos.test.v1.Echo/Say",
      "inner grpc /kratos.test.v1.Echo/Say",
      "outer grpc /kratos.test.v1.Echo/Repeat",
    ]);
  });
});

describe("GrpcServer's limits", () => {
  test("GrpcServer answers DEADLINE_EXCEEDED when its own limit passes, and cancels the context", async () => {
    const aborted = deferred<unknown>();
    const client = clientOf(
      await start(
        {
          async say(_request, ctx) {
            ctx.signal.addEventListener("abort", () => aborted.resolve(ctx.signal.reason));
            await new Promise(() => {});
            return {};
          },
        },
        { timeoutMs: 50 },
      ),
    );
    expect((await say(client, {})).error?.code).toBe(status.DEADLINE_EXCEEDED);
    expect(await aborted.promise).toMatchObject({ name: "TimeoutError" });
  });

  test("GrpcServer shows the caller's deadline where it is earlier, and none of its own to streams", async () => {
    const deadlines: (number | undefined)[] = [];
    const client = clientOf(
      await start({
        say(_request, ctx) {
          deadlines.push(ctx.deadline);
          return {};
        },
        async *repeat(_request, ctx) {
          deadlines.push(ctx.deadline);
          yield {};
        },
      }),
    );
    const before = Date.now();
    await say(client, {}, new Metadata(), { deadline: before + 500 });
    await say(client, {});
    await read(client.repeat({}));
    expect((deadlines[0] ?? 0) - before).toBeLessThanOrEqual(520);
    expect((deadlines[1] ?? 0) - before).toBeGreaterThanOrEqual(1000);
    expect(deadlines[2]).toBeUndefined();
  });

  test("GrpcServer cancels the context and leaves the handler's stream when the caller cancels", async () => {
    const left = deferred<string>();
    const aborted = deferred<unknown>();
    const client = clientOf(
      await start({
        async *repeat({ text }, ctx) {
          ctx.signal.addEventListener("abort", () => aborted.resolve(ctx.signal.reason));
          try {
            for (;;) {
              yield { text };
              await sleep(1);
            }
          } finally {
            left.resolve("left");
          }
        },
      }),
    );
    const call = client.repeat({ text: "x" });
    call.on("error", () => {});
    call.on("data", () => call.cancel());
    expect(await aborted.promise).toBeInstanceOf(Error);
    expect(await left.promise).toBe("left");
  });

  test("GrpcServer refuses a message over the limit before it has come, and answers the next call", async () => {
    const client = clientOf(await start({}, { maxReceiveMessageBytes: 1000 }));
    const big = await say(client, { data: new Uint8Array(5_000_000) });
    expect(big.error).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(big.error?.details).toContain("received message larger than max");
    expect((await say(client, { text: "small" })).reply?.text).toBe("small");
  });

  test("GrpcServer does not send a message over the limit", async () => {
    const client = clientOf(await start({}, { maxSendMessageBytes: 100 }));
    const { error } = await say(client, { data: new Uint8Array(101) });
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });

  test("GrpcServer reads and writes messages of several megabytes", async () => {
    const client = clientOf(await start());
    const data = new Uint8Array(3_500_000).map((_, at) => at % 251);
    const { reply } = await say(client, { data });
    expect(Buffer.compare(reply?.data ?? Buffer.of(), data)).toBe(0);
  });

  test("GrpcServer reads gzip and answers in it, but not beyond the limit", async () => {
    const running = await start(
      {
        say({ text, data }, ctx) {
          if (text === "plain") compressReply(ctx, "identity");
          return { data };
        },
      },
      { maxReceiveMessageBytes: 100_000 },
    );
    const client = clientOf(running, {
      "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
    });
    const { reply } = await say(client, { data: new Uint8Array(50_000) });
    expect(reply?.data.length).toBe(50_000);
    const plain = await say(client, { text: "plain", data: new Uint8Array(50_000) });
    expect(plain.reply?.data.length).toBe(50_000);
    const bomb = await say(client, { data: new Uint8Array(30_000_000) });
    expect(bomb.error).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });
});

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

  test("GrpcServer serves on a listener it is given", async () => {
    const listener = createServer();
    const running = await start({}, { listener });
    await new Promise((resolve) =>
      listener.listening ? resolve(undefined) : listener.once("listening", resolve),
    );
    expect((await say(clientOf(running), { text: "given" })).reply?.text).toBe("given");
  });
});
