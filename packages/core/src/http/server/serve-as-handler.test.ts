import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterEach, describe, expect, test } from "vitest";
import { createContextKey } from "../../context/index.ts";
import type { Exchange, HttpServer } from "../index.ts";
import { deferred, libraryServer, stopServers } from "../testdata/serve.ts";

const hosts: Server[] = [];

afterEach(async () => {
  await stopServers();
  for (const host of hosts.splice(0)) {
    host.close();
    host.closeAllConnections();
  }
});

/** Listens with another server's listener and answers its origin. */
async function hostOf(listener: RequestListener): Promise<string> {
  const host = createServer(listener).listen(0, "127.0.0.1");
  hosts.push(host);
  await once(host, "listening");
  return `http://127.0.0.1:${(host.address() as AddressInfo).port}`; // it listens on a port
}

type Ask = (path: string, init?: RequestInit) => Promise<Response>;

/** The ways to bring a request to a server that does not listen. */
const ways: Record<string, (server: HttpServer) => Promise<Ask>> = {
  "handler in node:http": async (server) => {
    const origin = await hostOf(server.handler);
    return (path, init) => fetch(origin + path, init);
  },
  "handler in Express": async (server) => {
    const app = express();
    app.use(server.handler);
    const origin = await hostOf(app);
    return (path, init) => fetch(origin + path, init);
  },
  fetch: (server) =>
    Promise.resolve((path, init) => server.fetch(new Request(`http://books.test${path}`, init))),
};

describe.each(Object.entries(ways))("%s", (_name, open) => {
  test("answers services through the filters and the middleware", async () => {
    const seen: string[] = [];
    const server = libraryServer({
      filters: [
        (next) => (exchange, ctx) => {
          seen.push(`filter ${exchange.method} ${exchange.target}`);
          exchange.replyHeader.set("x-filter", "yes");
          return next(exchange, ctx);
        },
      ],
      middleware: [
        (next) => (request, ctx) => {
          seen.push("middleware");
          return next(request, ctx);
        },
      ],
    });
    const ask = await open(server);
    const reply = await ask("/v1/books/7?a=b");
    expect([reply.status, reply.headers.get("x-filter")]).toEqual([200, "yes"]);
    expect(await reply.json()).toMatchObject({ id: "7" });
    expect(seen).toEqual(["filter GET /v1/books/7?a=b", "middleware"]);
    expect((await ask("/nowhere")).status).toBe(404);
    expect((await ask("/v1/books/7", { method: "HEAD" })).status).toBe(200);
  });

  test("reads bodies and refuses those over the limit", async () => {
    const server = libraryServer({ maxBodyBytes: 100 });
    server
      .route("/")
      .POST("/echo", async (http) => http.string(201, Buffer.from(await http.body()).toString()));
    const ask = await open(server);
    const reply = await ask("/echo", { method: "POST", body: "hello" });
    expect([reply.status, await reply.text()]).toEqual([201, "hello"]);
    expect((await ask("/echo", { method: "POST", body: "x".repeat(101) })).status).toBe(413);
  });

  test("ends a call that takes too long with 504", async () => {
    const server = libraryServer({ timeoutMs: 20 });
    server.route("/").GET("/slow", () => new Promise(() => {}));
    const ask = await open(server);
    expect((await ask("/slow")).status).toBe(504);
  });

  test("streams an answer as it comes, no faster than it is read", async () => {
    const server = libraryServer();
    let sent = 0;
    const waiting = deferred<void>();
    const chunk = new Uint8Array(65_536);
    server.handle("/stream", async (exchange) => {
      exchange.begin({ status: 200 });
      for (; !exchange.closed && sent < 1000; sent += 1) {
        if (exchange.write(chunk)) continue;
        waiting.resolve();
        await exchange.drained();
      }
      exchange.end();
    });
    const reply = await (await open(server))("/stream");
    await waiting.promise;
    expect(sent).toBeLessThan(1000);
    expect((await reply.arrayBuffer()).byteLength).toBe(1000 * chunk.length);
    expect(sent).toBe(1000);
  });

  test("ends the call when the caller leaves, before an answer and within one", async () => {
    const server = libraryServer();
    const begun = deferred<void>();
    const left = deferred<unknown>();
    server.handle("/wait", (_exchange, ctx) => {
      ctx.signal.addEventListener("abort", () => left.resolve("left"));
      begun.resolve();
      return new Promise(() => {});
    });
    const over = deferred<unknown>();
    server.handle("/endless", async (exchange) => {
      exchange.onClose(() => over.resolve("over"));
      exchange.begin({ status: 200 });
      exchange.write("first");
    });
    const ask = await open(server);
    const first = new AbortController();
    const asked = ask("/wait", { signal: first.signal });
    await begun.promise;
    first.abort(new Error("gone"));
    await expect(asked).rejects.toThrow("gone");
    expect(await left.promise).toBe("left");
    const second = new AbortController();
    const reply = await ask("/endless", { signal: second.signal });
    const reader = reply.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("first");
    second.abort(new Error("gone too"));
    expect(await over.promise).toBe("over");
    await expect(reader?.read()).rejects.toThrow("gone too");
  });

  test("stop() waits for calls under way, and afterwards all are answered with 503", async () => {
    const server = libraryServer();
    const begun = deferred<void>();
    const release = deferred<void>();
    server.handle("/wait", async (exchange) => {
      begun.resolve();
      await release.promise;
      exchange.reply({ status: 200, body: "done" });
    });
    const ask = await open(server);
    const asked = ask("/wait");
    await begun.promise;
    expect(server.describe().liveExchanges).toMatchObject([{ method: "GET", path: "/wait" }]);
    let stopped = false;
    const stop = server.stop(new AbortController().signal).then(() => (stopped = true));
    expect((await ask("/v1/books/1")).status).toBe(200);
    expect(stopped).toBe(false);
    release.resolve();
    expect(await (await asked).text()).toBe("done");
    await stop;
    const late = await ask("/v1/books/1");
    expect([late.status, await late.json()]).toMatchObject([503, { reason: "SERVER_STOPPED" }]);
  });

  test("stop() cuts calls under way when its signal aborts", async () => {
    const server = libraryServer();
    const begun = deferred<void>();
    const ended = deferred<unknown>();
    server.handle("/wait", (_exchange, ctx) => {
      ctx.signal.addEventListener("abort", () => ended.resolve(ctx.signal.reason));
      begun.resolve();
      return new Promise(() => {});
    });
    const asked = (await open(server))("/wait").catch((error: unknown) => error);
    await begun.promise;
    await server.stop(AbortSignal.abort());
    expect(await asked).toBeInstanceOf(Error);
    expect(await ended.promise).toMatchObject({ reason: "SERVER_STOPPED" });
  });

  test("does not wait for start(), even when the port is open already", async () => {
    const server = libraryServer();
    await server.endpoint();
    const ask = await open(server);
    expect((await ask("/v1/books/1")).status).toBe(200);
  });
});

test("handler shares its context and its routes with the port of a server that has started", async () => {
  const server = libraryServer();
  const key = createContextKey("test/app", "none");
  server.handle("/app", (exchange, ctx) => exchange.reply({ status: 200, body: ctx.get(key) }));
  const { background } = await import("../../context/index.ts");
  const origin = await hostOf(server.handler);
  expect(await (await fetch(`${origin}/app`)).text()).toBe("none");
  await server.start(background.with(key, "shop"));
  expect(await (await fetch(`${origin}/app`)).text()).toBe("shop");
  expect(await (await fetch(new URL("/app", await server.endpoint()))).text()).toBe("shop");
});

test("handler keeps the headers that middleware of Express has set, and sees paths below where it is used", async () => {
  const server = libraryServer();
  const app = express();
  app.use((_request, response, next) => {
    response.setHeader("x-before", "set");
    next();
  });
  app.use("/api", server.handler);
  const reply = await fetch(`${await hostOf(app)}/api/v1/books/3`);
  expect([reply.status, reply.headers.get("x-before")]).toEqual([200, "set"]);
  expect(await reply.json()).toMatchObject({ id: "3" });
});

test("handler says that a body parser has read the body before it", async () => {
  const server = libraryServer();
  server.route("/").POST("/echo", async (http) => http.string(200, String(await http.body())));
  server.handle("/parts", async (exchange) => {
    for await (const part of exchange.body()) exchange.write(part);
  });
  const app = express();
  app.use(express.text({ type: "*/*" }), server.handler);
  const origin = await hostOf(app);
  for (const path of ["/echo", "/parts"]) {
    const reply = await fetch(origin + path, { method: "POST", body: "hello" });
    expect([reply.status, await reply.json()]).toMatchObject([500, { reason: "BODY_READ" }]);
  }
  const used = new Request("http://a.test/echo", { method: "POST", body: "hello" });
  await used.text();
  expect(await (await server.fetch(used)).json()).toMatchObject({ reason: "BODY_READ" });
});

test("handler leaves connections of a drained server to their own", async () => {
  const server = libraryServer();
  const origin = await hostOf((request, response) => {
    if (request.url === "/own") response.end("own");
    else server.handler(request, response);
  });
  const stop = server.stop(new AbortController().signal);
  const last = await fetch(`${origin}/v1/books/1`);
  expect(last.headers.get("connection")).toBe("close");
  await stop;
  expect(await (await fetch(`${origin}/own`)).text()).toBe("own");
});

test("fetch() tells exchanges what a Request says", async () => {
  const server = libraryServer();
  const seen: Partial<Exchange>[] = [];
  server.handlePrefix("/", (exchange) => {
    const { method, target, secure, host, httpVersion, hasBody, peerAddress, node } = exchange;
    seen.push({ method, target, secure, host, httpVersion, hasBody, peerAddress, node });
    exchange.reply({ status: 204 });
  });
  const request = new Request("https://books.test:8443/a/b?c=d#e", { method: "PUT", body: "x" });
  const reply = await server.fetch(request);
  expect([reply.status, reply.body]).toEqual([204, null]);
  expect(seen).toEqual([
    {
      method: "PUT",
      target: "/a/b?c=d",
      secure: true,
      host: "books.test:8443",
      httpVersion: "1.1",
      hasBody: true,
      peerAddress: "",
      node: undefined,
    },
  ]);
});

test.each([204, 205, 304])("fetch() answers %i without a body, whole or begun", async (status) => {
  const server = libraryServer();
  server.handle("/whole", (exchange) => exchange.reply({ status, body: new Uint8Array(2) }));
  server.handle("/begun", (exchange) => {
    exchange.begin({ status });
    exchange.write("too much");
    exchange.end();
  });
  for (const path of ["/whole", "/begun"]) {
    const reply = await server.fetch(new Request(`http://a.test${path}`));
    expect([reply.status, reply.body]).toEqual([status, null]);
  }
});

test("fetch() rejects for a request that was aborted before", async () => {
  const signal = AbortSignal.abort(new Error("before"));
  await expect(libraryServer().fetch(new Request("http://a.test/", { signal }))).rejects.toThrow(
    "before",
  );
});

test("fetch() fails a body that its host breaks off, and one that takes too long", async () => {
  const server = libraryServer({ requestTimeoutMs: 20, timeoutMs: 0 });
  const errors: unknown[] = [];
  server.handle("/echo", async (exchange) => {
    await exchange.readBody(100).catch((error: unknown) => errors.push(error));
    exchange.reply({ status: 200 });
  });
  const ask = (body: ReadableStream): Promise<Response> =>
    server.fetch(new Request("http://a.test/echo", { method: "POST", body, duplex: "half" }));
  await ask(
    new ReadableStream({
      start: (sink) => sink.error(new Error("broken")),
    }),
  );
  let cancelled = false;
  await ask(new ReadableStream({ cancel: () => void (cancelled = true) }));
  expect(errors).toMatchObject([{ code: 499 }, { code: 408 }]);
  expect(cancelled).toBe(true);
});

test("fetch() ends a stream whose reader leaves, or takes nothing for writeTimeoutMs", async () => {
  const server = libraryServer({ writeTimeoutMs: 20 });
  const over: Promise<void>[] = [];
  server.handle("/stream", (exchange) => {
    over.push(new Promise((resolve) => exchange.onClose(resolve)));
    exchange.begin({ status: 200 });
    exchange.write(new Uint8Array(30_000));
    return exchange.drained();
  });
  const left = await server.fetch(new Request("http://a.test/stream"));
  const idle = await server.fetch(new Request("http://a.test/stream"));
  await left.body?.cancel();
  await Promise.all(over);
  await expect(idle.text()).rejects.toThrow("the exchange was cut");
});

test("mount() takes a server as it is", async () => {
  const outer = libraryServer();
  const inner = libraryServer();
  inner.route("/").GET("/inner/here", () => "inner");
  outer.mount("/inner", inner);
  expect((await outer.inject({ path: "/inner/here" })).json()).toBe("inner");
});
