import { create } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "vitest";
import { badRequest } from "../../errors/index.ts";
import { createClient } from "../../rpc/index.ts";
import { HttpClient, lastEventId, sse, sseFields } from "../index.ts";
import { BookSchema, Library } from "../testdata/library_pb.js";
import { deferred, dial, libraryServer, serve, speak, stopServers } from "../testdata/serve.ts";

afterEach(stopServers);

test("HttpServer streams replies as events, in chunks as they come", async () => {
  const next = deferred<void>();
  const { origin } = await serve(
    {},
    {
      async *watchBooks() {
        yield { id: 1n };
        await next.promise;
        yield { id: 2n };
      },
    },
  );
  const reply = await fetch(`${origin}/v1/watch`);
  expect(reply.headers.get("content-type")).toBe("text/event-stream");
  expect(reply.headers.get("x-accel-buffering")).toBe("no");
  const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toMatch(/^event: message\ndata: \{"id":"1",.*\}\n\n$/);
  next.resolve();
  expect((await reader?.read())?.value).toMatch(/"id":"2"/);
  expect((await reader?.read())?.done).toBe(true);
});

test("HttpServer streams lines of JSON where the Accept asks for them", async () => {
  const reply = await libraryServer().inject({
    path: "/v1/watch?page_size=2",
    headers: { accept: "application/x-ndjson" },
  });
  expect(reply.headers["content-type"]).toBe("application/x-ndjson");
  const ids = reply
    .text()
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { id: string }).id);
  expect(ids).toEqual(["1", "2"]);
});

test("HttpServer answers a stream that fails at once as any error", async () => {
  const server = libraryServer(
    {},
    {
      async *watchBooks() {
        yield* [];
        throw badRequest("R", "m");
      },
    },
  );
  const reply = await server.inject({ path: "/v1/watch" });
  expect([reply.status, reply.json()]).toMatchObject([400, { code: 400, reason: "R" }]);
});

test("HttpServer tells a later failure as the last event, or the last line", async () => {
  const server = libraryServer(
    {},
    {
      async *watchBooks() {
        yield {};
        throw badRequest("R", "m", { metadata: { k: "v" } });
      },
    },
  );
  const error = '{"code":400,"reason":"R","message":"m","metadata":{"k":"v"}}';
  const events = await server.inject({ path: "/v1/watch" });
  expect(events.status).toBe(200);

  expect(events.text().endsWith(`data: ${error}\n\n`)).toBe(true);
  const lines = await server.inject({
    path: "/v1/watch",
    headers: { accept: "application/ndjson" },
  });
  expect(lines.text().endsWith(`\n{"error":${error}}\n`)).toBe(true);
});

test("HttpServer answers an empty stream as a stream", async () => {
  const reply = await libraryServer().inject({ path: "/v1/watch" });
  expect(reply.headers["content-type"]).toBe("text/event-stream");
  expect(reply.text()).toBe("");
});

test("HttpServer serves streams at their RPC path too", async () => {
  const path = "/library.v1.Library/WatchBooks";
  const reply = await libraryServer().inject({ method: "POST", path, body: { pageSize: 1 } });
  expect(reply.text()).toMatch(/^event: message\ndata: /);
});

test("HttpServer sends comments on a stream that has nothing to say", async () => {
  const { host } = await serve(
    { heartbeatMs: 5 },
    {
      async *watchBooks(_request, ctx) {
        await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
        yield* [];
      },
    },
  );
  const twice = (said: string): boolean => said.split(": \n\n").length > 2;
  const said = await speak(host, "GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n", twice);
  expect(said).toContain("text/event-stream");
});

test("HttpServer gives streams no deadline", async () => {
  const reply = await libraryServer(
    { timeoutMs: 1 },
    {
      async *watchBooks(_request, ctx) {
        yield { title: String(ctx.deadline) };
      },
    },
  ).inject({ path: "/v1/watch" });
  expect(reply.text()).toContain('"title":"undefined"');
});

test("HttpServer takes messages from a stream no faster than the peer reads", async () => {
  let made = 0;
  const { host } = await serve(
    {},
    {
      async *watchBooks() {
        for (;;) {
          made += 1;
          yield { title: "x".repeat(10_000) };
        }
      },
    },
  );
  const socket = dial(host);
  socket.write("GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n");
  socket.pause();
  // Nothing is read: the source stops being asked once the buffers between are full.
  for (
    let quiet = 0, before = 0;
    quiet < 200;
    quiet = made > 0 && before === made ? quiet + 1 : 0
  ) {
    before = made;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(made).toBeLessThan(3000);
  socket.destroy();
});

test("HttpServer ends the source and its context when the peer leaves", async () => {
  const ended = deferred<unknown>();
  const returned = deferred<void>();
  const { host } = await serve(
    {},
    {
      async *watchBooks(_request, ctx) {
        ctx.signal.addEventListener("abort", () => ended.resolve(ctx.signal.reason));
        try {
          yield {};
          await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
          yield {};
        } finally {
          returned.resolve();
        }
      },
    },
  );
  await speak(host, "GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n", (said) => said.includes("data:"));
  expect(await ended.promise).toMatchObject({ name: "AbortError" });
  await returned.promise;
});

test("HttpServer cuts streams when it is stopped for good", async () => {
  const { server, host } = await serve(
    {},
    {
      async *watchBooks(_request, ctx) {
        yield {};
        await new Promise((_resolve, reject) => {
          ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason as Error));
        });
      },
    },
  );
  const begun = deferred<void>();
  const said = speak(host, "GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n", (text) => {
    if (text.includes("data:")) begun.resolve();
    return false;
  });
  await begun.promise;
  await server.stop(AbortSignal.timeout(20));
  await said;
});

test("sse() gives events ids, names and times to come back after, which clients read", async () => {
  const server = libraryServer(
    {},
    {
      async *watchBooks(_request, ctx) {
        yield sse(create(BookSchema, { title: `after ${lastEventId(ctx)}` }), {
          id: "8",
          retryMs: 50,
        });
        yield sse(create(BookSchema, {}), { event: "tick" });
        yield {};
      },
    },
  );
  const headers = { "last-event-id": "7" };
  const reply = await server.inject({ path: "/v1/watch", headers });
  const heads = reply.text().split(/data: .*\n\n/);
  expect(heads).toEqual([
    "event: message\nid: 8\nretry: 50\n",
    "event: tick\n",
    "event: message\n",
    "",
  ]);
  expect(reply.text()).toContain('"title":"after 7"');
  const lines = await server.inject({
    path: "/v1/watch",
    headers: { accept: "application/x-ndjson" },
  });
  expect(lines.text().split("\n")).toHaveLength(4);
});

test("sse() refuses what would be a field of its own, and the end of a stream", () => {
  const book = create(BookSchema);
  expect(() => sse(book, { id: "a\ndata: b" })).toThrow(TypeError);
  expect(() => sse(book, { event: "a\r" })).toThrow(TypeError);
  expect(() => sse(book, { event: "error" })).toThrow(TypeError);
  expect(() => sse(book, { retryMs: -1 })).toThrow(RangeError);
  expect(sseFields(book)).toEqual({});
});

test("sseFields() answers the id of a message that HttpClient has read", async () => {
  const { host } = await serve(
    {},
    {
      async *watchBooks(_request, ctx) {
        const from = Number(lastEventId(ctx) || "0");
        for (let at = from + 1; at <= 3; at += 1) yield sse(create(BookSchema), { id: String(at) });
      },
    },
  );
  const client = new HttpClient({ endpoint: host });
  const read = async (lastId: string): Promise<readonly (string | undefined)[]> => {
    const ids: (string | undefined)[] = [];
    const headers = { "last-event-id": lastId };
    const books = createClient(Library, client).watchBooks({}, lastId === "" ? {} : { headers });
    for await (const book of books) ids.push(sseFields(book).id);
    return ids;
  };
  expect(await read("")).toEqual(["1", "2", "3"]);
  expect(await read("2")).toEqual(["3"]);
  await client.close();
});

test.each([
  ["*/*", "text/event-stream"],
  ["application/json", "text/event-stream"],
  ["text/event-stream, application/x-ndjson", "text/event-stream"],
  ["application/x-ndjson, text/event-stream", "application/x-ndjson"],
  ["application/x-ndjson;q=0.5, text/event-stream;q=0.9", "text/event-stream"],
  ["application/x-ndjson;q=0.9, text/event-stream; q=0.5", "application/x-ndjson"],
  ["application/x-ndjson;q=0", "text/event-stream"],
  ["text/event-stream;q=0, */*", "application/x-ndjson"],
  ["text/*;q=0.1, application/*", "application/x-ndjson"],
  ["APPLICATION/NDJSON; q=x", "application/x-ndjson"],
  [";,;q=1,,", "text/event-stream"],
])("HttpServer answers a stream asked for as %s with %s", async (accept, contentType) => {
  const reply = await libraryServer().inject({ path: "/v1/watch", headers: { accept } });
  expect(reply.headers["content-type"]).toBe(contentType);
});

test("HttpServer writes the messages of events in a text codec of the lists, and no other", async () => {
  const ask = async (headers: Readonly<Record<string, string>>): Promise<string> =>
    (await libraryServer().inject({ path: "/v1/watch?page_size=1", headers })).text();
  expect(await ask({ accept: "text/event-stream, application/yaml" })).toContain("data: id: ");
  expect(await ask({ accept: "text/event-stream, application/proto" })).toContain(
    'data: {"id":"1"',
  );
  expect(await ask({ accept: "application/x-ndjson, application/yaml" })).toMatch(/^\{"id":"1"/);
});

test.each([
  ["a stream", "/v1/watch"],
  ["a reply", "/v1/books/1"],
])("HttpServer cuts a peer that takes nothing of %s for too long", async (_what, path) => {
  const ended = deferred<void>();
  const { host } = await serve(
    {
      writeTimeoutMs: 50,
      filters: [
        (next) => (exchange, ctx) => {
          exchange.onClose(() => ended.resolve());
          return next(exchange, ctx);
        },
      ],
    },
    {
      async *watchBooks() {
        for (;;) yield { title: "x".repeat(100_000) };
      },
      async getBook() {
        return { title: "x".repeat(30_000_000) };
      },
    },
  );
  const socket = dial(host);
  socket.on("error", () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  socket.pause();
  await ended.promise;
  socket.destroy();
});

test("HttpServer does not cut a peer that is slow, nor one that is between requests", async () => {
  const { host } = await serve(
    { writeTimeoutMs: 1000, keepAliveTimeoutMs: 0 },
    {
      async getBook() {
        return { title: "x".repeat(30_000_000) };
      },
    },
  );
  const socket = dial(host);
  const ask = (): boolean => socket.write("GET /v1/books/1 HTTP/1.1\r\nHost: x\r\n\r\n");
  const both = deferred<string>();
  socket.on("close", () => both.resolve("cut"));
  // Longer than the limit in all, but never that long without taking anything; then that long without asking.
  const pauses = [
    { after: 1, ms: 600, next: () => socket.resume() },
    { after: 15_000_000, ms: 600, next: () => socket.resume() },
    { after: 30_000_000, ms: 1100, next: () => socket.resume() && ask() },
  ];
  let bytes = 0;
  socket.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    const [pause] = pauses;
    if (pause !== undefined && bytes >= pause.after) {
      pauses.shift();
      socket.pause();
      setTimeout(pause.next, pause.ms);
    }
    if (bytes >= 60_000_000) both.resolve("both answered");
  });
  ask();
  expect(await both.promise).toBe("both answered");
  socket.destroy();
});
