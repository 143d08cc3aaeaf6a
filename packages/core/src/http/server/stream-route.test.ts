import { afterEach, expect, test } from "vitest";
import { badRequest } from "../../errors/index.ts";
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
