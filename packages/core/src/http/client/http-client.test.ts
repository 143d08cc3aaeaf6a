import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { background } from "../../context/index.ts";
import { fromError, KratosError } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import type { ServiceInstance } from "../../registry/index.ts";
import { memoryRegistry } from "../../registry/memory/index.ts";
import { type Client, createClient } from "../../rpc/index.ts";
import { peer } from "../../selector/index.ts";
import { clientTransport, serverTransport } from "../../transport/index.ts";
import { protoCodec } from "../../encoding/proto/index.ts";
import { HttpClient, type HttpClientOptions } from "../index.ts";
import { Library } from "../testdata/library_pb.js";
import { deferred, serve, stopServers } from "../testdata/serve.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await stopServers();
});

function library(
  endpoint: string,
  options: Omit<HttpClientOptions, "endpoint"> = {},
): Client<typeof Library> {
  const client = new HttpClient({ endpoint, logger: nopLogger, ...options });
  closing.push(() => client.close());
  return createClient(Library, client);
}

type Listener = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A peer that is not ours; answers its `host:port`. */
async function foreignPeer(listener: Listener): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => listener(request, response, Buffer.concat(chunks).toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
}

describe("HttpClient and our server", () => {
  test("carry unary calls by the rules of the methods, and by the RPC path", async () => {
    const calls = library((await serve()).host);
    expect(await calls.getBook({ id: 7n, shelf: "a b" })).toMatchObject({ id: 7n, title: "a b" });
    expect(
      await calls.createBook({ shelf: "s", dryRun: true, book: { title: "t" } }),
    ).toMatchObject({
      title: "t",
      labels: { shelf: "s", dryRun: "true" },
    });
    expect(await calls.updateBook({ id: 1n, authors: ["a"] })).toMatchObject({
      id: 1n,
      authors: ["a"],
    });
    expect(await calls.deleteBook({ id: 1n })).toMatchObject({});
    expect(await calls.listTitles({})).toMatchObject({ titles: ["a", "b"] });
    expect(await calls.ping({ text: "x" })).toMatchObject({ text: "x" });
  });

  test("talk proto when told to", async () => {
    const calls = library((await serve()).host, { codec: protoCodec() });
    expect(await calls.updateBook({ id: 1n, title: "t" })).toMatchObject({ id: 1n, title: "t" });
    await expect(calls.getBook({ id: 404n })).rejects.toMatchObject({ reason: "BOOK_NOT_FOUND" });
  });

  test("give back the same error", async () => {
    const calls = library((await serve()).origin);
    const failed = calls.getBook({ id: 404n });
    await expect(failed).rejects.toBeInstanceOf(KratosError);
    await expect(failed).rejects.toMatchObject({
      code: 404,
      reason: "BOOK_NOT_FOUND",
      message: "no book 404",
      metadata: { id: "404" },
    });
  });

  test("carry streams, their errors and their end", async () => {
    const ended = deferred<void>();
    const { host } = await serve(
      {},
      {
        async *watchBooks({ pageSize }, ctx) {
          ctx.signal.addEventListener("abort", () => ended.resolve());
          for (let id = 1; id <= 3; id += 1) yield { id: BigInt(id), title: "line\nline" };
          if (pageSize === 1)
            throw new KratosError("m", { code: 409, reason: "R", metadata: { k: "v" } });
          if (pageSize === 2) await ended.promise;
        },
      },
    );
    const calls = library(host);
    const titles: string[] = [];
    for await (const { title } of calls.watchBooks({})) titles.push(title);
    expect(titles).toEqual(["line\nline", "line\nline", "line\nline"]);
    const failing = (async () => {
      for await (const book of calls.watchBooks({ pageSize: 1 }))
        expect(book.title).toBe("line\nline");
    })();
    await expect(failing).rejects.toMatchObject({ code: 409, reason: "R", metadata: { k: "v" } });
    for await (const book of calls.watchBooks({ pageSize: 2 })) if (book.id === 3n) break;
    await ended.promise;
  });

  test("carry headers both ways", async () => {
    const { host } = await serve({
      middleware: [
        (next) => (request, ctx) => {
          const transport = serverTransport(ctx);
          transport?.replyHeader.set("x-reply", transport.requestHeader.values("x-sent").join("+"));
          return next(request, ctx);
        },
      ],
    });
    const seen: unknown[] = [];
    const calls = library(host, {
      userAgent: "tests",
      middleware: [
        (next) => async (request, ctx) => {
          clientTransport(ctx)?.requestHeader.add("x-sent", "by middleware");
          const reply = await next(request, ctx);
          seen.push(clientTransport(ctx)?.replyHeader.get("x-reply"), peer(ctx)?.address);
          return reply;
        },
      ],
    });
    await calls.getBook(
      { id: 1n },
      {
        headers: { "X-Sent": "by caller" },
        onHeader: (header) => seen.push(header.get("x-reply")),
        onTrailer: () => seen.push("trailer"),
      },
    );
    const both = "by caller+by middleware";
    expect(seen).toEqual([both, "trailer", both, host]);
  });

  test("end calls with 504 in time and 499 when the caller leaves, and the server learns it", async () => {
    const ended: unknown[] = [];
    const twice = deferred<void>();
    const { host } = await serve(
      { timeoutMs: 0 },
      {
        getBook(_request, ctx) {
          ctx.signal.addEventListener("abort", () => {
            if (ended.push(ctx.signal.reason) === 2) twice.resolve();
          });
          return new Promise(() => {});
        },
      },
    );
    const calls = library(host);
    await expect(calls.getBook({}, { timeoutMs: 20 })).rejects.toMatchObject({ code: 504 });
    const abort = new AbortController();
    const left = calls.getBook({}, { signal: abort.signal });
    setImmediate(() => abort.abort());
    await expect(left).rejects.toMatchObject({ code: 499 });
    const context = background.withTimeout(20);
    await expect(calls.getBook({}, { context, timeoutMs: 0 })).rejects.toMatchObject({ code: 504 });
    await twice.promise;
  });

  test("give streams no deadline of the client's", async () => {
    const calls = library((await serve()).host, { timeoutMs: 1 });
    const ids: bigint[] = [];
    for await (const { id } of calls.watchBooks({ pageSize: 2 })) ids.push(id);
    expect(ids).toEqual([1n, 2n]);
  });
});

describe("HttpClient and nodes", () => {
  test("calls the instances discovery knows, and the others when one is gone", async () => {
    const registry = memoryRegistry();
    const served = await Promise.all([serve({}, named("a")), serve({}, named("b"))]);
    const { signal } = new AbortController();
    for (const [at, { origin }] of served.entries()) {
      await registry.register(instanceOf(String(at), origin), { signal });
    }
    const calls = library("discovery:///library", { discovery: registry });
    const titles = async (): Promise<Set<string>> => {
      const replies = await Promise.all(Array.from({ length: 8 }, () => calls.getBook({ id: 1n })));
      return new Set(replies.map(({ title }) => title));
    };
    expect(await titles()).toEqual(new Set(["a", "b"]));
    await served[0]?.server.stop(AbortSignal.abort());
    for (let at = 0; at < 3; at += 1) expect(await titles()).toEqual(new Set(["b"]));
  });

  test("ready() waits for the first node, and ends with its signal", async () => {
    const registry = memoryRegistry();
    const { signal } = new AbortController();
    const client = new HttpClient({
      endpoint: "discovery:///library",
      discovery: registry,
      logger: nopLogger,
    });
    closing.push(() => client.close());
    await expect(client.ready(AbortSignal.abort(new Error("left")))).rejects.toThrow("left");
    const ready = client.ready();
    await registry.register(instanceOf("1", "http://127.0.0.1:1"), { signal });
    await ready;
  });

  test("subsetSize bounds how many instances are called", async () => {
    const registry = memoryRegistry();
    const { signal } = new AbortController();
    const served = await Promise.all(["a", "b", "c"].map((title) => serve({}, named(title))));
    for (const [at, { origin }] of served.entries()) {
      await registry.register(instanceOf(String(at), origin), { signal });
    }
    const calls = library("discovery:///library", { discovery: registry, subsetSize: 2 });
    const replies = await Promise.all(Array.from({ length: 9 }, () => calls.getBook({ id: 1n })));
    expect(new Set(replies.map(({ title }) => title)).size).toBe(2);
  });

  test("fails with 503 and the cause where nobody listens", async () => {
    const host = await foreignPeer(() => {});
    await Promise.all(closing.splice(0).map((close) => close()));
    const failed = library(host).getBook({ id: 1n });
    await expect(failed).rejects.toMatchObject({ code: 503, reason: "" });
    await expect(failed.catch((error: unknown) => fromError(error).cause)).resolves.toMatchObject({
      code: "ECONNREFUSED",
    });
  });

  test("fails with NODE_NOT_FOUND where discovery or the filters leave no node", async () => {
    const none = library("discovery:///none", { discovery: memoryRegistry() });
    await expect(none.getBook({ id: 1n }, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 503,
      reason: "NODE_NOT_FOUND",
    });
    const filtered = library((await serve()).host, { nodeFilters: [() => []] });
    await expect(filtered.getBook({ id: 1n })).rejects.toMatchObject({ reason: "NODE_NOT_FOUND" });
  });

  test("sends an idempotent call again when a kept connection turns out closed, others not", async () => {
    let calls = 0;
    const host = await foreignPeer((request, response) => {
      calls += 1;
      if (calls % 2 === 0) request.socket.resetAndDestroy();
      else response.setHeader("content-type", "application/json").end("{}");
    });
    const client = library(host);
    await client.getBook({ id: 1n });
    await client.getBook({ id: 1n });
    expect(calls).toBe(3);
    await expect(client.ping({})).rejects.toMatchObject({ code: 503 });
    expect(calls).toBe(4);
  });
});

const named = (title: string) => ({ getBook: async () => ({ title }) });

const instanceOf = (id: string, endpoint: string): ServiceInstance => ({
  id,
  name: "library",
  version: "",
  metadata: {},
  endpoints: [endpoint],
});

describe("HttpClient and foreign peers", () => {
  test("sends what a Kratos server of another language expects", async () => {
    const seen: unknown[] = [];
    const host = await foreignPeer(({ method, url, headers }, response, body) => {
      seen.push([
        method,
        url,
        headers["content-type"],
        headers.accept,
        headers["user-agent"],
        body,
      ]);
      response.end();
    });
    const calls = library(host);
    await calls.getBook({ id: 1n, shelf: "a/b c" });
    await calls.createBook({ shelf: "s", book: { title: "t" }, dryRun: true });
    const [get, post] = seen as [string[], string[]]; // two calls
    expect(get).toEqual([
      "GET",
      "/v1/books/1?shelf=a%2Fb+c",
      undefined,
      "application/json",
      undefined,
      "",
    ]);
    expect(post.slice(0, 3)).toEqual([
      "POST",
      "/v1/shelves/s/books?dryRun=true",
      "application/json",
    ]);
    expect(JSON.parse(post[5] ?? "")).toMatchObject({ title: "t" });
  });

  test.each([
    [204, {}, "", undefined],
    [299, {}, "", undefined],
    [300, {}, '{"foo":"bar"}', { code: 300, reason: "", message: "" }],
    [
      404,
      { "content-type": "text/plain; charset=utf-8" },
      "404 page not found\n",
      { code: 404, reason: "", message: "" },
    ],
    [502, {}, "", { code: 502, reason: "", message: "" }],
    [
      409,
      { "content-type": "application/json" },
      '{"code":1,"reason":"R","message":"m"}',
      { code: 409, reason: "R", message: "m" },
    ],
  ])("reads an answer of %s with %j and %j", async (status, headers, body, error) => {
    const host = await foreignPeer((_request, response) =>
      response.writeHead(status, headers).end(body),
    );
    const reply = library(host).getBook({ id: 1n });
    if (error === undefined) await expect(reply).resolves.toMatchObject({ id: 0n });
    else await expect(reply).rejects.toMatchObject(error);
  });

  test("fails with CODEC on a reply that is not what the method answers", async () => {
    const host = await foreignPeer((_request, response) => response.end("<html>"));
    await expect(library(host).getBook({ id: 1n })).rejects.toMatchObject({
      code: 500,
      reason: "CODEC",
    });
  });

  test("fails with 503 when the peer breaks off or is no HTTP at all", async () => {
    const broken = await foreignPeer((_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{");
      setImmediate(() => response.destroy());
    });
    await expect(library(broken).ping({})).rejects.toMatchObject({ code: 503 });
    const garbage = await foreignPeer((request) => request.socket.end("what is HTTP?\r\n\r\n"));
    await expect(library(garbage).ping({})).rejects.toMatchObject({ code: 503 });
  });

  test("takes no more of an answer than its limit", async () => {
    const host = await foreignPeer((_request, response) => {
      response.on("error", () => {});
      const write = (): void => {
        while (!response.destroyed && response.write("x".repeat(10_000)));
        response.once("drain", write);
      };
      write();
    });
    const calls = library(host, { maxResponseBytes: 1000 });
    await expect(calls.getBook({ id: 1n })).rejects.toMatchObject({ reason: "REPLY_TOO_LARGE" });
  });

  test("reads events however they are cut, and fails on an answer that is no stream", async () => {
    const text =
      ': hi\nid: 1\ndata: {"id":"1"}\n\nevent: other\ndata: x\n\nevent: message\ndata: {"title":\ndata: "\u00e9"}\n\n';
    const bytes = Buffer.from(text);
    const host = await foreignPeer((request, response) => {
      if (request.url === "/v1/watch?pageSize=1") return response.end("{}");
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const byte of bytes) response.write(Buffer.from([byte]));
      return response.end();
    });
    const calls = library(host);
    const books: unknown[] = [];
    for await (const { id, title } of calls.watchBooks({})) books.push([id, title]);
    expect(books).toEqual([
      [1n, ""],
      [0n, "\u00e9"],
    ]);
    const no = calls.watchBooks({ pageSize: 1 })[Symbol.asyncIterator]().next();
    await expect(no).rejects.toMatchObject({ code: 500, reason: "CODEC" });
  });

  test("refuses to stream requests", async () => {
    const calls = library("127.0.0.1:1");
    await expect(calls.upload(nothing())).rejects.toMatchObject({
      code: 501,
      reason: "UNIMPLEMENTED",
    });
  });

  test("does not send headers that would break the request", async () => {
    const { host } = await serve();
    const headers = { "content-length": "3", "transfer-encoding": "chunked", connection: "close" };
    await expect(library(host).ping({ text: "x" }, { headers })).resolves.toMatchObject({
      text: "x",
    });
    const broken = library(host).ping({}, { headers: { "x-a": "b\r\nc: d" } });
    await expect(broken).rejects.toBeInstanceOf(KratosError);
  });
});

async function* nothing(): AsyncGenerator<never> {
  // nothing to send
}

test.each(["", "discovery://name", "ftp://x", "http://x/path", "grpc://x:1"])(
  "HttpClient refuses the endpoint %j",
  (endpoint) => {
    expect(() => new HttpClient({ endpoint, discovery: memoryRegistry() })).toThrow(TypeError);
  },
);
