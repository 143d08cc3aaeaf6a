import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Context } from "../context/index.ts";
import { fromError, notFound } from "../errors/index.ts";
import { nopLogger } from "../log/index.ts";
import { forwardMetadata, metadata } from "../middleware/metadata/index.ts";
import type { ServiceInstance } from "../registry/index.ts";
import { memoryRegistry } from "../registry/memory/index.ts";
import { type Client, createClient } from "../rpc/index.ts";
import { type Node, peer, type Selector } from "../selector/index.ts";
import { randomSelector } from "../selector/random/index.ts";
import { serverTransport } from "../transport/index.ts";
import { GrpcClient, type GrpcClientOptions } from "./index.ts";
import { deferred } from "./testdata/deferred.ts";
import { Echo } from "./testdata/echo_pb.ts";
import { type RunningServer, startEcho } from "./testdata/echo-service.ts";
import { collect, texts } from "./testdata/texts.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(...args: Parameters<typeof startEcho>): Promise<RunningServer> {
  const running = await startEcho(...args);
  cleanups.push(() => running.stop());
  return running;
}

function callsTo(endpoint: string, options: Partial<GrpcClientOptions> = {}): Client<typeof Echo> {
  const client = new GrpcClient({ endpoint, logger: nopLogger, ...options });
  cleanups.push(() => client.close(AbortSignal.abort()));
  return createClient(Echo, client);
}

const codeOf = (call: Promise<unknown>): Promise<number> =>
  call.then(
    () => 200,
    (error: unknown) => fromError(error).code,
  );

describe("GrpcClient with GrpcServer", () => {
  test("GrpcClient makes all four kinds of calls", async () => {
    const calls = callsTo((await start()).address);
    expect((await calls.say({ text: "hi" })).text).toBe("hi");
    expect(await collect(calls.repeat({ text: "n", count: 3 }))).toEqual(["n 0", "n 1", "n 2"]);
    expect((await calls.gather(texts("a", "b", "c"))).text).toBe("a b c");
    expect(await collect(calls.chat(texts("x", "y")))).toEqual(["x", "y"]);
  });

  test("GrpcClient gives back the KratosError of the handler, from a reply and from a stream", async () => {
    const fail = (): never => {
      throw notFound("ECHO_LOST", "no such echo: ü", { metadata: { at: "cliff" } });
    };
    const calls = callsTo(
      (
        await start({
          say: fail,
          async *repeat({ text }) {
            yield { text };
            fail();
          },
        })
      ).address,
    );
    const expected = {
      code: 404,
      reason: "ECHO_LOST",
      message: "no such echo: ü",
      metadata: { at: "cliff" },
    };
    await expect(calls.say({})).rejects.toMatchObject(expected);
    await expect(collect(calls.repeat({ text: "a" }))).rejects.toMatchObject(expected);
  });

  test("GrpcClient and GrpcServer pack messages with gzip both ways", async () => {
    const calls = callsTo((await start()).address, { compression: "gzip" });
    const text = "again and ".repeat(10_000);
    expect((await calls.say({ text })).text).toBe(text);
    expect(await collect(calls.chat(texts(text, "short", text)))).toEqual([text, "short", text]);
  });

  test("GrpcClient passes deadline and metadata of the call it is made for on", async () => {
    const seen: { deadline: number | undefined; header: string }[] = [];
    const note = (ctx: Context): void => {
      seen.push({
        deadline: ctx.deadline,
        header: serverTransport(ctx)?.requestHeader.get("x-md-global-user") ?? "",
      });
    };
    const noted = (ctx: Context): object => {
      note(ctx);
      return {};
    };
    const back = await start({ say: (_request, ctx) => noted(ctx) }, { timeoutMs: 0 });
    const toBack = callsTo(back.address, { middleware: [forwardMetadata()], timeoutMs: 0 });
    const front = await start(
      {
        async say(request, ctx) {
          note(ctx);
          return toBack.say(request, { context: ctx });
        },
      },
      { timeoutMs: 0, middleware: [metadata()] },
    );
    await callsTo(front.address).say({}, { timeoutMs: 700, headers: { "x-md-global-user": "u" } });
    const [first, second] = seen;
    expect(second?.header).toBe("u");
    expect(first?.deadline).toBeGreaterThan(Date.now() - 100);
    expect(Math.abs((second?.deadline ?? 0) - (first?.deadline ?? 0))).toBeLessThan(100);
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
          throw error;
        }
        return {};
      },
    });
    const controller = new AbortController();
    async function* endless(): AsyncGenerator<{ text: string }> {
      yield { text: "a" };
      await new Promise(() => {});
    }
    const answer = codeOf(
      callsTo(running.address).gather(endless(), { signal: controller.signal }),
    );
    await got.promise;
    controller.abort();
    expect(await answer).toBe(499);
    expect(await thrown.promise).toBeInstanceOf(Error);
  });

  test("GrpcServer answers early, and GrpcClient stops sending", async () => {
    const cleaned = deferred();
    const running = await start({ gather: async () => ({ text: "enough" }) });
    async function* endless(): AsyncGenerator<{ text: string }> {
      try {
        for (;;) {
          yield { text: "more" };
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        cleaned.resolve();
      }
    }
    expect((await callsTo(running.address).gather(endless())).text).toBe("enough");
    await cleaned.promise;
    expect((await callsTo(running.address).say({ text: "on" })).text).toBe("on");
  });

  test("GrpcServer writes no further than a slow reader lets it", async () => {
    let written = 0;
    const data = new Uint8Array(65_536);
    const running = await start({
      async *repeat({ count }) {
        for (; written < count; written += 1) yield { data };
      },
    });
    const calls = callsTo(running.address, { connection: { initialWindowBytes: 262_144 } });
    let read = 0;
    for await (const reply of calls.repeat({ count: 400 })) {
      expect(reply.data).toHaveLength(65_536);
      read += 1;
      if (read < 5) await new Promise((resolve) => setTimeout(resolve, 10));
      // Windows and buffers of either side hold a few megabytes, not the 25 of the whole.
      if (read === 4) expect(written).toBeLessThan(150);
    }
    expect(read).toBe(400);
  });

  test("GrpcClient sends no further than a slow handler lets it", async () => {
    let sent = 0;
    const data = new Uint8Array(65_536);
    const looked = deferred<number>();
    const running = await start(
      {
        async gather(requests) {
          let count = 0;
          for await (const request of requests) {
            count += request.data.length > 0 ? 1 : 0;
            if (count > 4) continue;
            await new Promise((resolve) => setTimeout(resolve, 10));
            if (count === 4) looked.resolve(sent);
          }
          return { text: `${count}` };
        },
      },
      { connection: { initialWindowBytes: 262_144 } },
    );
    async function* many(): AsyncGenerator<{ data: Uint8Array<ArrayBuffer> }> {
      for (; sent < 400; sent += 1) yield { data };
    }
    expect((await callsTo(running.address).gather(many())).text).toBe("400");
    expect(await looked.promise).toBeLessThan(150);
  });

  test("GrpcClient reads a stream while others of its connection wait for their readers", async () => {
    const data = new Uint8Array(65_536);
    const running = await start({
      async *repeat({ count }) {
        for (let at = 0; at < count; at += 1) yield { data };
      },
    });
    const calls = callsTo(running.address, {
      connection: { initialWindowBytes: 131_072, connectionWindowBytes: 4_194_304 },
    });
    const waiting = Array.from({ length: 8 }, () =>
      calls.repeat({ count: 100 })[Symbol.asyncIterator](),
    );
    await Promise.all(waiting.map((stream) => stream.next()));
    let read = 0;
    for await (const reply of calls.repeat({ count: 100 })) read += reply.data.length > 0 ? 1 : 0;
    expect(read).toBe(100);
    for (const stream of waiting) await stream.return?.();
    // What the streams that were left had not read must not stay taken from the connection.
    for (let at = 0; at < 40; at += 1) {
      const left = calls.repeat({ count: 100 })[Symbol.asyncIterator]();
      await left.next();
      await left.return?.();
    }
    expect((await calls.say({ data: new Uint8Array(2_000_000) })).data).toHaveLength(2_000_000);
  });
});

const instance = (id: string, { address }: RunningServer): ServiceInstance => ({
  id,
  name: "echo",
  version: "v1",
  metadata: {},
  endpoints: [`http://127.0.0.1:1`, `grpc://${address}`],
});

describe("GrpcClient's ways to a server", () => {
  test("GrpcClient finds the nodes of a service in a registry, and follows changes", async () => {
    const discovery = memoryRegistry();
    const { signal } = new AbortController();
    const named = (text: string) => start({ say: () => ({ text }) });
    const one = await named("one");
    const two = await named("two");
    const nodes: (string | undefined)[] = [];
    const calls = callsTo("discovery:///echo", {
      discovery,
      middleware: [
        (next) => async (request, ctx) => {
          const reply = await next(request, ctx);
          nodes.push(peer(ctx)?.instance?.id);
          return reply;
        },
      ],
    });
    const early = calls.say({});
    await discovery.register(instance("1", one), { signal });
    expect((await early).text).toBe("one");
    expect(nodes).toEqual(["1"]);
    await discovery.register(instance("2", two), { signal });
    while ((await calls.say({})).text !== "two");
    await discovery.deregister(instance("1", one), { signal });
    while ((await calls.say({})).text === "one");
    for (let at = 0; at < 4; at += 1) expect((await calls.say({})).text).toBe("two");
  });

  test("GrpcClient calls a subset of the nodes, those its filters leave, by its selector", async () => {
    const discovery = memoryRegistry();
    const { signal } = new AbortController();
    for (const id of ["1", "2", "3"]) {
      await discovery.register(instance(id, await start({ say: () => ({ text: id }) })), {
        signal,
      });
    }
    const answers = async (options: Partial<GrpcClientOptions>): Promise<Set<string>> => {
      const calls = callsTo("discovery:///echo", { discovery, ...options });
      const replies = await Promise.all(Array.from({ length: 30 }, () => calls.say({})));
      return new Set(replies.map(({ text }) => text));
    };
    expect(await answers({})).toEqual(new Set(["1", "2", "3"]));
    expect((await answers({ subsetSize: 2 })).size).toBe(2);
    const only = (id: string) => (nodes: readonly Node[]) =>
      nodes.filter((node) => node.instance?.id === id);
    expect(await answers({ nodeFilters: [only("2")] })).toEqual(new Set(["2"]));
    const selector = (): Selector => randomSelector({ random: () => 0 });
    expect((await answers({ selector })).size).toBe(1);
  });

  test("GrpcClient uses the others when one of several servers dies, without a failed call", async () => {
    const one = await start();
    const two = await start();
    const calls = callsTo(`direct:///${one.address},${two.address}`, { healthCheck: false });
    for (let at = 0; at < 4; at += 1) await calls.say({});
    await one.server.stop(AbortSignal.abort());
    for (let at = 0; at < 20; at += 1) expect((await calls.say({ text: "up" })).text).toBe("up");
  });

  test("GrpcClient finishes the call under way and calls the next server while one stops", async () => {
    const entered = deferred();
    const leave = deferred();
    const slow = await start({
      async say({ text }) {
        entered.resolve();
        await leave.promise;
        return { text };
      },
    });
    const other = await start({ say: () => ({ text: "other" }) });
    const client = new GrpcClient({
      endpoint: `direct:///${slow.address},${other.address}`,
      logger: nopLogger,
    });
    cleanups.push(() => client.close(AbortSignal.abort()));
    const calls = createClient(Echo, client);
    const answers = [calls.say({ text: "slow" }), calls.say({ text: "slow" })];
    await entered.promise;
    const stopped = slow.stop();
    const [toSlow] = client.sessions.get(slow.address) ?? [];
    const closing = (): boolean => toSlow?.available !== true;
    while (!closing()) await toSlow?.ping();
    for (let at = 0; at < 4; at += 1) expect((await calls.say({})).text).toBe("other");
    leave.resolve();
    expect(new Set((await Promise.all(answers)).map(({ text }) => text))).toEqual(
      new Set(["slow", "other"]),
    );
    await stopped;
  });

  test("GrpcClient and GrpcServer meet on a unix socket", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kratos-"));
    cleanups.push(() => rm(folder, { recursive: true }));
    const address = `unix:${join(folder, "echo.sock")}`;
    const running = await start({}, { address });
    expect((await running.server.endpoint()).href).toBe(`unix://${join(folder, "echo.sock")}`);
    expect((await callsTo(address).say({ text: "near" })).text).toBe("near");
  });

  test("GrpcClient and GrpcServer prove who they are over TLS", async () => {
    const pem = (name: string): Promise<string> =>
      readFile(new URL(`testdata/tls/${name}.pem`, import.meta.url), "utf8");
    const ca = await pem("ca");
    const tls = {
      ca,
      cert: await pem("server"),
      key: await pem("server-key"),
      requestCert: true,
      rejectUnauthorized: true,
    };
    const running = await start({}, { tls });
    expect((await running.server.endpoint()).protocol).toBe("grpcs:");
    const own = { cert: await pem("client"), key: await pem("client-key") };
    expect(
      (await callsTo(running.address, { tls: { ca, ...own } }).say({ text: "safe" })).text,
    ).toBe("safe");
    expect(await codeOf(callsTo(running.address, { tls: { ca } }).say({}))).toBe(503);
    expect(await codeOf(callsTo(running.address, { tls: own }).say({}))).toBe(503);
    expect(await codeOf(callsTo(running.address).say({}))).toBe(503);
    running.server.setTls(tls);
    expect(
      (await callsTo(running.address, { tls: { ca, ...own } }).say({ text: "new" })).text,
    ).toBe("new");
  });

  test("GrpcClient refuses an endpoint it cannot resolve", () => {
    expect(() => new GrpcClient({ endpoint: "discovery:///echo" })).toThrow(TypeError);
    expect(() => new GrpcClient({ endpoint: "http://localhost:1" })).toThrow(TypeError);
  });

  test("GrpcClient takes Infinity for no deadline, and less than 0 for one that has passed", async () => {
    const deadlines: (number | undefined)[] = [];
    const note = (_request: unknown, ctx: Context): object => {
      deadlines.push(ctx.deadline);
      return {};
    };
    const calls = callsTo((await start({ say: note }, { timeoutMs: Infinity })).address);
    await calls.say({}, { timeoutMs: Infinity });
    await expect(calls.say({}, { timeoutMs: -1 })).rejects.toMatchObject({ code: 504 });
    await expect(calls.say({}, { timeoutMs: Number.NaN })).rejects.toThrow(RangeError);
    expect(deadlines).toEqual([undefined]);
  });

  test.each(["timeoutMs", "connectTimeoutMs", "maxConnections", "maxReceiveMessageBytes"])(
    "GrpcClient refuses a %s that is no number from 0 on",
    (name) => {
      for (const value of [-1, Number.NaN]) {
        expect(() => new GrpcClient({ endpoint: "localhost:1", [name]: value })).toThrow(
          `Cannot make a GrpcClient as '${name}' must be 0 or more: current value is ${value}`,
        );
      }
    },
  );
});
