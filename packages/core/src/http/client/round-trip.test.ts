import { afterEach, expect, test } from "vitest";
import { serviceUnavailable } from "../../errors/index.ts";
import { encodeUtf8 } from "../../encoding/index.ts";
import { nopLogger } from "../../log/index.ts";
import { createClient } from "../../rpc/index.ts";
import { peer } from "../../selector/index.ts";
import { createHttpReply, HttpClient, type HttpClientOptions } from "../index.ts";
import { Library } from "../testdata/library_pb.js";
import { serve, stopServers } from "../testdata/serve.ts";

const clients: HttpClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await stopServers();
});

function connect(endpoint: string, options: Omit<HttpClientOptions, "endpoint">): HttpClient {
  const client = new HttpClient({ endpoint, logger: nopLogger, ...options });
  clients.push(client);
  return client;
}

test("transport wraps what goes out, inside of the middlewares, and sees the node and the answer", async () => {
  const { host } = await serve();
  const seen: unknown[] = [];
  const client = connect(host, {
    middleware: [
      (next) => (request, ctx) => {
        seen.push("middleware");
        return next(request, ctx);
      },
    ],
    transport: (next) => async (request, ctx) => {
      const { method, path } = request;
      const reply = await next(request, ctx);
      seen.push(`${method} ${path} ${reply.status}`, peer(ctx)?.address);
      return reply;
    },
  });
  const calls = createClient(Library, client);
  await calls.getBook({ id: 1n });
  expect(seen).toEqual(["middleware", "GET /v1/books/1 200", host]);
  await expect(calls.getBook({ id: 404n })).rejects.toMatchObject({ reason: "BOOK_NOT_FOUND" });
  for await (const book of calls.watchBooks({ pageSize: 1 })) expect(book.id).toBe(1n);
  const response = await client.fetch("/v1/titles");
  expect(await response.json()).toEqual(["a", "b"]);
  expect(seen.filter((entry) => String(entry).startsWith("GET"))).toEqual([
    "GET /v1/books/1 200",
    "GET /v1/books/404 404",
    "GET /v1/watch?pageSize=1 200",
    "GET /v1/titles 200",
  ]);
});

test("transport that never calls next replaces the wire, for calls, streams and raw requests", async () => {
  const json = { headers: { "content-type": "application/json" } };
  const client = connect("127.0.0.1:1", {
    transport:
      () =>
      async ({ path }) => {
        if (path === "/v1/books/2") throw serviceUnavailable("NO_WIRE", "none");
        if (path === "/v1/books/3") {
          return createHttpReply(encodeUtf8('{"reason":"R","message":"m"}'), {
            ...json,
            status: 409,
          });
        }
        if (path.startsWith("/v1/watch")) {
          const headers = { "content-type": "text/event-stream" };
          return createHttpReply(encodeUtf8('data: {"title":"live"}\n\n'), { headers });
        }
        return createHttpReply(encodeUtf8('{"title":"made up"}'), json);
      },
  });
  const calls = createClient(Library, client);
  expect(await calls.getBook({ id: 1n })).toMatchObject({ title: "made up" });
  await expect(calls.getBook({ id: 2n })).rejects.toMatchObject({ code: 503, reason: "NO_WIRE" });
  await expect(calls.getBook({ id: 3n })).rejects.toMatchObject({ code: 409, reason: "R" });
  const titles: string[] = [];
  for await (const { title } of calls.watchBooks({})) titles.push(title);
  expect(titles).toEqual(["live"]);
  expect(await (await client.fetch("/any")).json()).toEqual({ title: "made up" });
});

test("transport may send a request again", async () => {
  let tries = 0;
  const { host } = await serve(
    {},
    {
      async ping({ text }) {
        tries += 1;
        if (tries < 3) throw serviceUnavailable("BUSY", "busy");
        return { text };
      },
    },
  );
  const client = connect(host, {
    transport: (next) => async (request, ctx) => {
      for (;;) {
        const reply = await next(request, ctx);
        if (reply.status !== 503) return reply;
        reply.end();
      }
    },
  });
  expect(await createClient(Library, client).ping({ text: "x" })).toMatchObject({ text: "x" });
  expect(tries).toBe(3);
});
