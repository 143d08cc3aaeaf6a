import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { afterEach, describe, expect, test } from "vitest";
import { GrpcCode, KratosError, notFound } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import { type Client, createClient } from "../../rpc/index.ts";
import { replyTrailer, serverTransport } from "../../transport/index.ts";
import { HttpClient, type HttpClientOptions } from "../index.ts";
import { BookSchema, Library } from "../testdata/library_pb.js";
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

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A peer that answers every request alike; answers its `host:port`. */
async function foreignPeer(answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
}

const rpc = ["connect", "grpc-web", "grpc-web-text"] as const;
const forms = ["rest", ...rpc] as const;
const matrix = forms.flatMap((protocol) =>
  (["1.1", "2"] as const).flatMap((http) =>
    (["json", "proto"] as const).map((codec) => ({ protocol, http, codec })),
  ),
);

describe.each(matrix)("HttpClient over $protocol, HTTP/$http and $codec", (options) => {
  test("HttpClient makes unary calls, packed and plain", async () => {
    const { host } = await serve();
    // Our server takes no packed bodies over REST.
    const packings = ["identity", "gzip", "br", "deflate"] as const;
    for (const compression of options.protocol === "rest" ? packings.slice(0, 1) : packings) {
      const calls = library(host, { ...options, compression, compressMinBytes: 0 });
      const title = "a title ".repeat(100);
      expect(await calls.updateBook({ id: 7n, title })).toMatchObject({ id: 7n, title });
    }
  });

  test("HttpClient gives back the server's error", async () => {
    const { host } = await serve();
    const failed = library(host, options).getBook({ id: 404n });
    await expect(failed).rejects.toBeInstanceOf(KratosError);
    await expect(failed).rejects.toMatchObject({
      code: 404,
      reason: "BOOK_NOT_FOUND",
      message: "no book 404",
      metadata: { id: "404" },
    });
  });

  test("HttpClient reads a stream, its error, and leaves it", async () => {
    const ended = deferred<void>();
    const { host } = await serve(
      {},
      {
        async *watchBooks({ pageSize }, ctx) {
          ctx.signal.addEventListener("abort", () => ended.resolve());
          for (let id = 1; id <= 3; id += 1) yield { id: BigInt(id) };
          if (pageSize === 1) throw notFound("GONE", "all gone", { metadata: { k: "v" } });
          if (pageSize === 2) await ended.promise;
        },
      },
    );
    const calls = library(host, options);
    const ids: bigint[] = [];
    for await (const { id } of calls.watchBooks({})) ids.push(id);
    expect(ids).toEqual([1n, 2n, 3n]);
    const failing = async (): Promise<void> => {
      for await (const { id } of calls.watchBooks({ pageSize: 1 })) ids.push(id);
    };
    await expect(failing()).rejects.toMatchObject({
      code: 404,
      reason: "GONE",
      metadata: { k: "v" },
    });
    expect(ids).toHaveLength(6);
    for await (const { id } of calls.watchBooks({ pageSize: 2 })) if (id === 3n) break;
    await ended.promise;
  });

  test("HttpClient ends calls with 504 in time and 499 when the caller leaves", async () => {
    const { host } = await serve({ timeoutMs: 0 }, { getBook: () => new Promise(() => {}) });
    const calls = library(host, options);
    await expect(calls.getBook({ id: 1n }, { timeoutMs: 20 })).rejects.toMatchObject({ code: 504 });
    const abort = new AbortController();
    const left = calls.getBook({ id: 1n }, { signal: abort.signal });
    setImmediate(() => abort.abort());
    await expect(left).rejects.toMatchObject({ code: 499 });
  });
});

describe.each(rpc)("HttpClient over %s", (protocol) => {
  test.each(["1.1", "2"] as const)("HttpClient streams requests over HTTP/%s", async (http) => {
    const { host } = await serve(
      {},
      {
        async upload(books) {
          const titles: string[] = [];
          for await (const { title } of books) titles.push(title);
          return { text: titles.join() };
        },
      },
    );
    const calls = library(host, { protocol, http });
    async function* two() {
      yield { title: "a" };
      yield { title: "b" };
    }
    expect(await calls.upload(two())).toMatchObject({ text: "a,b" });
    async function* broken() {
      yield { title: "a" };
      throw notFound("NO_BOOK", "there is none");
    }
    await expect(calls.upload(broken())).rejects.toMatchObject({ reason: "NO_BOOK" });
  });

  test("HttpClient carries headers, trailers, details and the code of gRPC", async () => {
    const detail = anyPack(BookSchema, create(BookSchema, { title: "t" }));
    const { host } = await serve(
      {},
      {
        async getBook({ id }, ctx) {
          const transport = serverTransport(ctx);
          transport?.replyHeader.set("x-reply", transport.requestHeader.values("x-sent").join("+"));
          replyTrailer(ctx)?.set("x-after-bin", "AQ");
          if (id === 0n) return {};
          throw new KratosError("m", { code: 409, grpcCode: 6, details: [detail] });
        },
      },
    );
    const calls = library(host, { protocol });
    const seen: unknown[] = [];
    const options = {
      headers: { "X-Sent": ["a", "b"] },
      onHeader: (header: { get(name: string): string }) => seen.push(header.get("x-reply")),
      onTrailer: (trailer: { get(name: string): string }) => seen.push(trailer.get("x-after-bin")),
    };
    await calls.getBook({}, options);
    await expect(calls.getBook({ id: 1n }, options)).rejects.toMatchObject({
      code: 409,
      grpcCode: GrpcCode.ALREADY_EXISTS,
      details: [{ typeUrl: detail.typeUrl, value: detail.value }],
    });
    expect(seen.map(String)).toEqual(["a+b", "AQ", "a+b", "AQ"]);
  });

  test("HttpClient takes no message over its limit", async () => {
    const { host } = await serve({}, { getBook: () => ({ title: "x".repeat(2000) }) });
    const calls = library(host, { protocol, maxResponseBytes: 1000 });
    await expect(calls.getBook({})).rejects.toMatchObject({
      code: 429,
      grpcCode: GrpcCode.RESOURCE_EXHAUSTED,
    });
  });

  test.each([
    [404, "text/html", GrpcCode.UNIMPLEMENTED],
    [502, "text/html", GrpcCode.UNAVAILABLE],
    [200, "text/html", GrpcCode.UNKNOWN],
  ])("HttpClient knows an answer %s of %s for somebody else's", async (status, type, grpcCode) => {
    const host = await foreignPeer((_request, response) => {
      response.writeHead(status, { "content-type": type }).end("<html>");
    });
    const calls = library(host, { protocol });
    await expect(calls.ping({})).rejects.toMatchObject({ grpcCode });
    const next = calls.watchBooks({})[Symbol.asyncIterator]().next();
    await expect(next).rejects.toMatchObject({ grpcCode });
  });

  test("HttpClient fails with 503 where nobody listens, and refuses metadata no header can hold", async () => {
    const host = await foreignPeer(() => {});
    const refused = library(host, { protocol }).ping({}, { headers: { "x-a": "b\r\nc: d" } });
    await expect(refused).rejects.toMatchObject({ grpcCode: GrpcCode.INTERNAL });
    await Promise.all(closing.splice(0).map((close) => close()));
    await expect(library(host, { protocol }).ping({})).rejects.toMatchObject({
      code: 503,
      grpcCode: GrpcCode.UNAVAILABLE,
    });
  });
});

test("HttpClient reads lines of JSON when asked to, and their error", async () => {
  const { host } = await serve(
    {},
    {
      async *watchBooks({ pageSize }) {
        yield { id: 1n, title: "\u00e9\n" };
        yield {};
        if (pageSize === 1) throw notFound("GONE", "all gone");
      },
    },
  );
  const accepted: unknown[] = [];
  const calls = library(host, { streams: "ndjson" });
  const onHeader = (header: { get(name: string): string }): void => {
    accepted.push(header.get("content-type"));
  };
  const titles: string[] = [];
  for await (const { title } of calls.watchBooks({}, { onHeader })) titles.push(title);
  expect([titles, accepted]).toEqual([["\u00e9\n", ""], ["application/x-ndjson"]]);
  const failing = async (): Promise<void> => {
    for await (const { title } of calls.watchBooks({ pageSize: 1 })) titles.push(title);
  };
  await expect(failing()).rejects.toMatchObject({ code: 404, reason: "GONE" });
});

test("HttpClient takes no line over its limit, and no end within a frame", async () => {
  const endless = await foreignPeer((_request, response) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" }).end("x".repeat(2000));
  });
  const lines = library(endless, { streams: "ndjson", maxResponseBytes: 1000 });
  const next = lines.watchBooks({})[Symbol.asyncIterator]().next();
  await expect(next).rejects.toMatchObject({ reason: "REPLY_TOO_LARGE" });
  const cut = await foreignPeer((_request, response) => {
    response.writeHead(200, { "content-type": "application/connect+json" }).end("\0\0\0\0\u0009{");
  });
  const frames = library(cut, { protocol: "connect" });
  const read = frames.watchBooks({})[Symbol.asyncIterator]().next();
  await expect(read).rejects.toMatchObject({ grpcCode: GrpcCode.INTERNAL });
});

describe("HttpClient over HTTP/2", () => {
  test("HttpClient agrees on h2 over TLS and calls many at once on one connection", async () => {
    const [key, cert, ca] = [file("server-key.pem"), file("server.pem"), file("ca.pem")];
    const { host } = await serve({ tls: { key, cert } });
    const calls = library(host, { http: "2", tls: { ca } });
    const replies = Array.from({ length: 50 }, (_, id) => calls.getBook({ id: BigInt(id + 1) }));
    expect((await Promise.all(replies)).map(({ id }) => Number(id))).toHaveLength(50);
    await expect(library(host, { http: "2", tls: {} }).getBook({})).rejects.toMatchObject({
      code: 503,
    });
  });

  test("HttpClient connects again when its connection was closed", async () => {
    const { server, host } = await serve();
    const calls = library(host, { http: "2" });
    await calls.getBook({ id: 1n });
    await server.stop(AbortSignal.abort());
    await expect(calls.ping({})).rejects.toMatchObject({ code: 503 });
    await serve({ address: host });
    await expect(calls.getBook({ id: 1n })).resolves.toMatchObject({ id: 1n });
  });

  test("HttpClient speaks to both sides at once over connect", async () => {
    const { host } = await serve(
      {},
      {
        async upload(books) {
          for await (const { title } of books) return { text: title };
          return {};
        },
      },
    );
    const calls = library(host, { http: "2", protocol: "connect" });
    let left = false;
    async function* endless() {
      try {
        for (;;) yield { title: "first" };
      } finally {
        left = true;
      }
    }
    expect(await calls.upload(endless())).toMatchObject({ text: "first" });
    expect(left).toBe(true);
  });
});

const file = (name: string): string =>
  readFileSync(new URL(`../testdata/tls/${name}`, import.meta.url), "utf8");
