import { type EventEmitter, once } from "node:events";
import { request as requestTls } from "node:https";
import { afterEach, describe, expect, test } from "vitest";
import { badRequest } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import { serverTransport } from "../../transport/index.ts";
import { nodeHttp2 } from "@kratosjs/h2";
import { HttpServer, type HttpServerOptions } from "../index.ts";
import {
  askH2,
  beginH2,
  closeH2,
  type H2Reply,
  openH2,
  replyOf,
  testCertificates,
} from "../testdata/h2-client.ts";
import { deferred, dial, serve, speak, stopServers } from "../testdata/serve.ts";

afterEach(async () => {
  closeH2();
  await stopServers();
});

/** Resolves at the end of something, whether it went well or not. */
function closing(ending: EventEmitter): Promise<unknown> {
  return new Promise((resolve) => ending.once("close", resolve));
}

const json = { "content-type": "application/json" };
const { key, cert, ca } = testCertificates;
const { tls } = { tls: { key, cert } };

describe.each<[string, HttpServerOptions]>([
  ["in clear text", {}],
  ["over TLS", { tls }],
  ["by the engine of node:http2", { engine: nodeHttp2() }],
])("HttpServer over HTTP/2 %s", (_name, options) => {
  const asked = async (
    request: Parameters<typeof askH2>[1],
    own: Parameters<typeof serve>[1] = {},
  ): Promise<H2Reply> => {
    const { origin } = await serve(options, own);
    return askH2(await openH2(origin), request);
  };

  test("HttpServer answers a GET in one piece", async () => {
    const reply = await asked({ path: "/v1/shelves/the%20past/books/7" });
    expect(reply.status).toBe(200);
    expect(reply.headers["content-type"]).toBe("application/json");
    expect(reply.headers["content-length"]).toBe(String(reply.text.length));
    expect(Date.parse(reply.headers.date ?? "")).toBeGreaterThan(0);
    expect(reply.json).toMatchObject({ id: "7", title: "the past" });
  });

  test("HttpServer reads bodies of any size below the limit", async () => {
    const { origin } = await serve(options);
    const client = await openH2(origin);
    for (const size of [1, 20_000, 3_000_000]) {
      const title = "x".repeat(size);
      const body = JSON.stringify({ title });
      const reply = await askH2(client, {
        path: "/v1/books/9",
        method: "PUT",
        headers: json,
        body,
      });
      expect(reply.json).toMatchObject({ id: "9", title });
    }
  });

  test("HttpServer answers errors with their bodies", async () => {
    const reply = await asked({ path: "/v1/books/404" });
    expect(reply.status).toBe(404);
    const message = "no book 404";
    const metadata = { id: "404" };
    expect(reply.json).toEqual({ code: 404, reason: "BOOK_NOT_FOUND", message, metadata });
  });

  test("HttpServer answers an unknown route with 404, an unknown method with 405, and redirects", async () => {
    const { origin } = await serve(options);
    const client = await openH2(origin);
    expect(await askH2(client, { path: "/nope" })).toMatchObject({ status: 404 });
    const method = await askH2(client, { path: "/v1/books/1", method: "PATCH" });
    expect([method.status, method.headers.allow]).toEqual([405, "DELETE, GET, HEAD, PUT"]);
    const slash = await askH2(client, { path: "/v1/titles/?page_size=1" });
    expect([slash.status, slash.headers.location]).toEqual([301, "/v1/titles?page_size=1"]);
  });

  test("HttpServer answers HEAD as GET, without the body", async () => {
    const { origin } = await serve(options);
    const client = await openH2(origin);
    const get = await askH2(client, { path: "/v1/books/1" });
    const head = await askH2(client, { path: "/v1/books/1", method: "HEAD" });
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(head.headers["content-length"]).toBe(get.headers["content-length"]);
    const stream = await askH2(client, { path: "/v1/watch?page_size=2", method: "HEAD" });
    expect([stream.status, stream.text]).toEqual([200, ""]);
  });

  test("HttpServer answers 204 and 304 without a body and its length", async () => {
    const { server, origin } = await serve(options);
    server.handle("/status/204", (exchange) =>
      exchange.reply({ status: 204, body: Buffer.from("x") }),
    );
    server.handle("/status/304", (exchange) => exchange.begin({ status: 304 }));
    const client = await openH2(origin);
    for (const status of [204, 304]) {
      const reply = await askH2(client, { path: `/status/${status}` });
      expect([reply.status, reply.text]).toEqual([status, ""]);
      expect(reply.headers["content-length"]).toBeUndefined();
    }
  });

  test("HttpServer hands out the request as HTTP/1.1 would", async () => {
    const { server, origin, host } = await serve(options);
    const seen: unknown[] = [];
    server.handle("/echo", (exchange) => {
      const { requestHeader: header, method, target, httpVersion, secure } = exchange;
      seen.push(method, target, httpVersion, secure, header.get("Host"), header.get("cookie"));
      seen.push(exchange.remoteAddress, exchange.hasBody, exchange.node, header.values("x-a"));
      exchange.reply({
        status: 200,
        headers: ["Connection", "close", "Keep-Alive", "x", "X-B", "b"],
      });
    });
    const client = await openH2(origin);
    const headers = { cookie: ["a=1", "b=2"], "x-a": ["1", "2"] };
    const reply = await askH2(client, { path: "/echo?q=1", headers });
    expect([reply.headers.connection, reply.headers["x-b"]]).toEqual([undefined, "b"]);
    const address = "127.0.0.1";
    const secure = options.tls !== undefined;
    const first = ["GET", "/echo?q=1", "2", secure, host, "a=1; b=2", address, false, undefined];
    expect(seen.slice(0, 9)).toEqual(first);
    expect([seen[9]].flat().join(", ")).toBe("1, 2");
  });

  test("HttpServer sends the reply header, several cookies too, and refuses what breaks lines", async () => {
    const { origin } = await serve(options, {
      getBook({ id }, ctx) {
        const transport = serverTransport(ctx);
        transport?.replyHeader.set("x-reply", id === 1n ? "yes" : "a\r\nb: c");
        transport?.replyHeader.add("set-cookie", "a=1");
        transport?.replyHeader.add("set-cookie", "b=2");
        return {};
      },
    });
    const client = await openH2(origin);
    const reply = await askH2(client, { path: "/v1/books/1" });
    expect([reply.headers["x-reply"], reply.headers["set-cookie"]]).toEqual([
      "yes",
      ["a=1", "b=2"],
    ]);
    expect((await askH2(client, { path: "/v1/books/2" })).status).toBe(500);
  });

  test("HttpServer answers a body over the limit with 413, whether its length is told or not", async () => {
    const { origin } = await serve({ ...options, maxBodyBytes: 1000 });
    const client = await openH2(origin);
    const put = { path: "/v1/books/9", method: "PUT", headers: json };
    const body = JSON.stringify({ title: "x".repeat(100_000) });
    const told = beginH2(client, { ...put, headers: { ...json, "content-length": 1001 } });
    expect((await replyOf(told)).json).toMatchObject({ code: 413, reason: "BODY_TOO_LARGE" });
    const untold = beginH2(client, put);
    untold.write(body);
    expect((await replyOf(untold)).json).toMatchObject({ code: 413, reason: "BODY_TOO_LARGE" });
    expect((await askH2(client, { ...put, body: "{}" })).status).toBe(200);
  });

  test("HttpServer streams replies as events, in pieces as they come", async () => {
    const next = deferred<void>();
    const { origin } = await serve(options, {
      async *watchBooks() {
        yield { id: 1n };
        await next.promise;
        yield { id: 2n };
      },
    });
    const stream = (await openH2(origin)).request({ ":path": "/v1/watch" });
    const [headers] = (await once(stream, "response")) as [Record<string, string>]; // node's event
    expect(headers["content-type"]).toBe("text/event-stream");
    const [first] = (await once(stream, "data")) as [Buffer]; // node's event
    expect(first.toString()).toMatch(/^event: message\ndata: \{"id":"1",.*\}\n\n$/);
    next.resolve();
    const [second] = (await once(stream, "data")) as [Buffer]; // node's event
    expect(second.toString()).toMatch(/"id":"2"/);
    await once(stream, "end");
  });

  test("HttpServer takes messages from a stream no faster than the peer reads", async () => {
    let made = 0;
    const { origin } = await serve(options, {
      async *watchBooks() {
        for (;;) {
          made += 1;
          yield { title: "x".repeat(10_000) };
        }
      },
    });
    const stream = (await openH2(origin)).request({ ":path": "/v1/watch" });
    stream.pause();
    await once(stream, "response");
    // Nothing is read: the source stops being asked once the windows are full.
    for (let quiet = 0, before = 0; quiet < 200; quiet = before === made ? quiet + 1 : 0) {
      before = made;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(made).toBeLessThan(3000);
    const before = made;
    stream.resume();
    for (let more = false; !more; more = made > before + 100) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  test("HttpServer hands out uploads as they come, and answers meanwhile", async () => {
    const { server, origin } = await serve(options);
    server.handle("/upper", async (exchange) => {
      exchange.begin({ status: 200 });
      for await (const part of exchange.body()) {
        exchange.write(Buffer.from(part).toString().toUpperCase());
      }
      exchange.end();
    });
    const stream = beginH2(await openH2(origin), { path: "/upper", method: "POST" });
    await once(stream, "response");
    for (const text of ["one", "two"]) {
      stream.write(text);
      expect(String((await once(stream, "data"))[0])).toBe(text.toUpperCase());
    }
    stream.end();
    await once(stream, "end");
  });

  test("HttpServer ends the context with an AbortError when the peer leaves", async () => {
    const begun = deferred<void>();
    const ended = deferred<unknown>();
    const { origin } = await serve(options, {
      getBook(_request, ctx) {
        ctx.signal.addEventListener("abort", () => ended.resolve(ctx.signal.reason));
        begun.resolve();
        return new Promise(() => {});
      },
    });
    const stream = beginH2(await openH2(origin), { path: "/v1/books/1" });
    await begun.promise;
    stream.close(8);
    expect(await ended.promise).toMatchObject({ name: "AbortError" });
  });

  test("HttpServer tells the reader of a body that its peer has left", async () => {
    const failed = deferred<unknown>();
    const begun = deferred<void>();
    const { server, origin } = await serve(options);
    server.handle("/read", async (exchange) => {
      begun.resolve();
      await exchange.readBody(1000).then(failed.resolve, failed.resolve);
    });
    const client = await openH2(origin);
    beginH2(client, { path: "/read", method: "POST" }).write("a");
    await begun.promise;
    client.destroy();
    expect(await failed.promise).toMatchObject({ code: 499, reason: "CLIENT_CLOSED" });
  });

  test("HttpServer answers 504 when the time is up, and 408 when the body does not come", async () => {
    const { origin } = await serve(
      { ...options, timeoutMs: 20, requestTimeoutMs: 40 },
      { getBook: () => new Promise(() => {}) },
    );
    const client = await openH2(origin);
    expect((await askH2(client, { path: "/v1/books/1" })).json).toMatchObject({ code: 504 });
    const { server, origin: second } = await serve({ ...options, requestTimeoutMs: 40 });
    server.handle("/read", async (exchange) => void (await exchange.readBody(10)));
    const stream = beginH2(await openH2(second), { path: "/read", method: "POST" });
    expect((await replyOf(stream)).json).toMatchObject({ code: 408, reason: "REQUEST_TIMEOUT" });
  });

  test("HttpServer cuts half an answer whose handler fails", async () => {
    const { server, origin } = await serve(options);
    server.handle("/half", (exchange) => {
      exchange.begin({ status: 200 });
      exchange.write("half");
      throw badRequest("NO", "no");
    });
    const stream = beginH2(await openH2(origin), { path: "/half" });
    const closed = closing(stream);
    stream.resume().end();
    await closed;
    expect(stream.rstCode).toBe(2);
  });

  test("HttpServer answers the calls under way when it stops, and is closed then", async () => {
    const begun = deferred<void>();
    const end = deferred<void>();
    const { server, origin } = await serve(options, {
      async getBook() {
        begun.resolve();
        await end.promise;
        return { title: "late" };
      },
    });
    const client = await openH2(origin);
    const idle = await openH2(origin);
    const gone = once(client, "goaway");
    const call = askH2(client, { path: "/v1/books/1" });
    await begun.promise;
    const idleClosed = closing(idle);
    const stopped = server.stop(new AbortController().signal);
    await gone;
    await idleClosed;
    end.resolve();
    expect((await call).json).toMatchObject({ title: "late" });
    await stopped;
    await server.closed;
  });

  test("HttpServer cuts the calls under way when the signal aborts, and ends their contexts", async () => {
    const begun = deferred<void>();
    const ended = deferred<unknown>();
    const { server, origin } = await serve(
      { ...options, timeoutMs: 0 },
      {
        getBook(_request, ctx) {
          ctx.signal.addEventListener("abort", () => ended.resolve(ctx.signal.reason));
          begun.resolve();
          return new Promise(() => {});
        },
      },
    );
    const client = await openH2(origin);
    const closed = closing(client);
    beginH2(client, { path: "/v1/books/1" });
    await begun.promise;
    await server.stop(AbortSignal.abort());
    await closed;
    expect(await ended.promise).toMatchObject({ code: 503, reason: "SERVER_STOPPED" });
  });

  test("HttpServer mounts handlers of node:http, with bodies both ways", async () => {
    const { server, origin, host } = await serve(options);
    server.mount("/old", (request, response) => {
      const { method, url, headers, socket } = request;
      const secure = "encrypted" in socket;
      const told = [method, url, headers.host, headers["x-a"], socket.remoteAddress, secure];
      response.writeHead(201, { "x-told": told.join(" "), "set-cookie": ["a=1", "b=2"] });
      request.pipe(response);
    });
    const client = await openH2(origin);
    const body = "x".repeat(300_000);
    const post = { path: "/old/a?b=c", method: "POST", headers: { "x-a": "b" }, body };
    const reply = await askH2(client, post);
    expect([reply.status, reply.text === body]).toEqual([201, true]);
    const secure = options.tls !== undefined;
    expect(reply.headers["x-told"]).toBe(`POST /old/a?b=c ${host} b 127.0.0.1 ${secure}`);
    expect(reply.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    expect((await askH2(client, { path: "/old/x", method: "HEAD" })).status).toBe(201);
  });

  test("HttpServer answers what mounted handlers of node:http pass on, throw, or break off", async () => {
    const { server, origin } = await serve(options);
    server.mount("/old", (request, response, next) => {
      if (request.url === "/old/pass") next();
      else if (request.url === "/old/throw") throw badRequest("NO", "no");
      else if (request.url === "/old/cut") request.socket.destroy();
      else response.end("early");
    });
    const client = await openH2(origin);
    expect((await askH2(client, { path: "/old/pass" })).status).toBe(404);
    expect((await askH2(client, { path: "/old/throw" })).json).toMatchObject({ reason: "NO" });
    const stream = beginH2(client, { path: "/old/cut" });
    await closing(stream.resume());
    expect(stream.rstCode).toBe(2);
    // Answered before the body has come.
    const early = beginH2(client, { path: "/old/early", method: "POST" });
    early.write("a");
    expect((await replyOf(early)).text).toBe("early");
  });

  test("HttpServer tells a mounted handler of node:http that the peer has left", async () => {
    const begun = deferred<void>();
    const closed = deferred<void>();
    const { server, origin } = await serve(options);
    server.mount("/old", (_request, response) => {
      response.on("close", closed.resolve);
      response.writeHead(200).flushHeaders();
      begun.resolve();
    });
    const stream = beginH2(await openH2(origin), { path: "/old/x" });
    await begun.promise;
    stream.close(8);
    await closed.promise;
  });

  test("HttpServer mounts fetch handlers, with their bodies", async () => {
    const { server, origin } = await serve(options);
    server.mount("/fetch", async (request: Request) => {
      const { pathname, protocol } = new URL(request.url);
      return new Response(`${protocol} ${pathname} ${await request.text()}`, { status: 201 });
    });
    const post = { path: "/fetch/x", method: "POST", body: "hello" };
    const reply = await askH2(await openH2(origin), post);
    const scheme = options.tls === undefined ? "http:" : "https:";
    expect([reply.status, reply.text]).toEqual([201, `${scheme} /fetch/x hello`]);
  });
});

test("HttpServer serves HTTP/1.1 and HTTP/2 in clear text on one port", async () => {
  const { origin, host } = await serve();
  const client = await openH2(origin);
  expect(await askH2(client, { path: "/v1/books/1" })).toMatchObject({ status: 200 });
  expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
  const socket = dial(host);
  const answer = once(socket, "data");
  for (const piece of ["P", "OST /nope HTTP/1.1\r\nHost: x\r\n\r\n"]) {
    await new Promise((resolve) => socket.write(piece, resolve));
  }
  expect(String((await answer)[0])).toMatch(/^HTTP\/1\.1 404/);
  socket.destroy();
});

test("HttpServer serves HTTP/1.1 over TLS beside HTTP/2", async () => {
  const { origin } = await serve({ tls });
  const request = requestTls(`${origin}/v1/books/1`, { ca, servername: "localhost", agent: false });
  request.end();
  const [response] = (await once(request, "response")) as [
    NodeJS.ReadableStream & { statusCode: number },
  ]; // node's event
  response.resume();
  expect(response.statusCode).toBe(200);
});

test("HttpServer answers a target that is a star, and a CONNECT, with 404", async () => {
  const { origin, host } = await serve();
  const client = await openH2(origin);
  expect((await askH2(client, { path: "*", method: "OPTIONS" })).status).toBe(404);
  const tunnel = client.request({ ":method": "CONNECT", ":authority": host });
  expect((await replyOf(tunnel)).status).toBe(404);
});

test("HttpServer answers a request whose body nobody reads, and takes the next", async () => {
  const { origin } = await serve();
  const client = await openH2(origin);
  for (let at = 0; at < 8; at += 1) {
    // More than the window of a connection in all.
    const stream = beginH2(client, { path: "/v1/books/1", method: "GET" });
    stream.write(Buffer.alloc(1_000_000));
    expect((await replyOf(stream)).status).toBe(200);
  }
});

test("HttpServer that never started closes the connections of HTTP/2 when it stops", async () => {
  const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger });
  const { host } = await server.endpoint();
  const socket = dial(host);
  const closed = closing(socket.on("error", () => {}).resume());
  await once(socket, "connect");
  await new Promise((resolve) => socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", resolve));
  await server.stop(new AbortController().signal);
  await closed;
});

test("HttpServer leaves HTTP/2 to others when it is told to", async () => {
  const { host } = await serve({ http2: false });
  expect(await speak(host, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).toMatch(/^HTTP\/1\.1 400/);
});

test("HttpServer answers a head over the limit with 431 over HTTP/2 too", async () => {
  const { origin } = await serve({ maxHeaderBytes: 2000 });
  const client = await openH2(origin);
  const headers = { "x-a": "a".repeat(3000) };
  expect((await askH2(client, { path: "/v1/books/1", headers })).status).toBe(431);
  expect((await askH2(client, { path: "/v1/books/1" })).status).toBe(200);
});

test("HttpServer closes connections over the most it takes, and takes others when those have gone", async () => {
  const { server, origin, host } = await serve({ maxConnections: 1 });
  const client = await openH2(origin);
  expect(await speak(host, "")).toBe("");
  expect(server.refusedConnections).toBe(1);
  const closed = closing(client);
  client.close();
  await closed;
  let said = "";
  // The server learns of the end a moment later.
  while (said === "") {
    said = await speak(host, "GET /v1/books/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }
  expect(said).toMatch(/^HTTP\/1\.1 200/);
});

test("HttpServer drops connections in the handshake when it stops", async () => {
  const { server, host } = await serve({ tls });
  const silent = dial(host);
  await once(silent, "connect");
  const closed = once(
    silent.on("error", () => {}),
    "close",
  );
  await server.stop(new AbortController().signal);
  await closed;
});

test("HttpServer cuts a connection that says nothing", async () => {
  const { host } = await serve({ headersTimeoutMs: 40 });
  expect(await speak(host, "PRI")).toBe("");
});

test("HttpServer refuses settings that HTTP/2 does not allow", () => {
  expect(() => new HttpServer({ connection: { maxFrameBytes: 1 } })).toThrow(RangeError);
});
