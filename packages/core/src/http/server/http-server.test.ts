import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { StatusSchema } from "@kratosjs/protos/errors/errors_pb.js";
import { afterEach, expect, test } from "vitest";
import { badRequest, KratosError } from "../../errors/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import { serverTransport } from "../../transport/index.ts";
import { HttpServer, httpTransport } from "../index.ts";
import { libraryService } from "../testdata/library-service.ts";
import { BookSchema, Library, PingMessageSchema } from "../testdata/library_pb.js";
import { deferred, libraryServer, serve, stopServers } from "../testdata/serve.ts";

afterEach(stopServers);

const json = { "content-type": "application/json" };

test("HttpServer answers a GET with its path variables in the message", async () => {
  const reply = await libraryServer().inject({ path: "/v1/shelves/the%20past/books/7" });
  expect(reply.status).toBe(200);
  expect(reply.headers["content-type"]).toBe("application/json");
  expect(reply.headers["content-length"]).toBe(String(reply.body.length));
  expect(reply.json()).toMatchObject({ id: "7", title: "the past", authors: [], labels: {} });
});

test("HttpServer gives the body to its field and the query to the others", async () => {
  const reply = await libraryServer().inject({
    method: "POST",
    path: "/v1/shelves/new/books?dry_run=true",
    body: { title: "t", authors: ["a"] },
  });
  expect(reply.json()).toMatchObject({ title: "t", labels: { shelf: "new", dryRun: "true" } });
});

test("HttpServer answers with the field that is the response body", async () => {
  expect((await libraryServer().inject({ path: "/v1/titles" })).text()).toBe('["a","b"]');
});

test("HttpServer answers an empty message as an empty object", async () => {
  const reply = await libraryServer().inject({ method: "DELETE", path: "/v1/books/1" });
  expect([reply.status, reply.text()]).toEqual([200, "{}"]);
});

test("HttpServer serves every unary method at its RPC path, in JSON and in proto", async () => {
  const server = libraryServer();
  const path = "/library.v1.Library/Ping";
  const said = await server.inject({ method: "POST", path, body: { text: "x" } });
  expect(said.json()).toEqual({ text: "x" });
  const bytes = toBinary(PingMessageSchema, create(PingMessageSchema, { text: "y" }));
  const type = "application/proto";
  const headers = { "content-type": type, accept: type };
  const reply = await server.inject({ method: "POST", path, headers, body: bytes });
  expect(reply.headers["content-type"]).toBe(type);
  expect(fromBinary(PingMessageSchema, reply.body).text).toBe("y");
});

test("HttpServer answers in the codec of the Accept, in JSON where that names none", async () => {
  const server = libraryServer();
  const accepted = async (accept: string): Promise<string | undefined> =>
    (await server.inject({ path: "/v1/books/1", headers: { accept } })).headers["content-type"];
  expect(await accepted("application/yaml")).toBe("application/yaml");
  expect(await accepted("application/protojson")).toBe("application/protojson");
  expect(await accepted("text/html, application/yaml")).toBe("application/json");
  expect(await accepted("*/*")).toBe("application/json");
});

test("HttpServer reads forms and YAML as bodies", async () => {
  const server = libraryServer();
  const form = await server.inject({
    method: "PUT",
    path: "/v1/books/9",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "title=t+1&labels[k]=v",
  });
  expect(form.json()).toMatchObject({ id: "9", title: "t 1", labels: { k: "v" } });
  const yaml = await server.inject({
    method: "PUT",
    path: "/v1/books/9",
    headers: { "content-type": "application/yaml" },
    body: "title: t2\n",
  });
  expect(yaml.json()).toMatchObject({ id: "9", title: "t2" });
});

test("HttpServer refuses a body whose Content-Type names no codec", async () => {
  const server = libraryServer();
  const put = { method: "PUT", path: "/v1/books/9", body: "{}" };
  const unknown = await server.inject({ ...put, headers: { "content-type": "application/foo" } });
  const message = "unregister Content-Type: application/foo";
  expect(unknown.status).toBe(400);
  expect(unknown.json()).toEqual({ code: 400, reason: "CODEC", message, metadata: {} });
  const missing = await server.inject(put);
  expect(missing.json()).toMatchObject({ reason: "CODEC", message: "unregister Content-Type: " });
});

test("HttpServer takes an empty body without a Content-Type for an empty message", async () => {
  const reply = await libraryServer().inject({ method: "PUT", path: "/v1/books/9" });
  expect([reply.status, reply.json()]).toMatchObject([200, { id: "9" }]);
});

test.each([
  ["malformed JSON", { method: "PUT", path: "/v1/books/9", headers: json, body: "{" }],
  [
    "a wrong type in the body",
    { method: "PUT", path: "/v1/books/9", headers: json, body: '{"title":1}' },
  ],
  ["an array for a message", { method: "PUT", path: "/v1/books/9", headers: json, body: "[]" }],
  [
    "text that is no UTF-8",
    { method: "PUT", path: "/v1/books/9", headers: json, body: Buffer.from([0x22, 0xff]) },
  ],
  ["a wrong type in the path", { path: "/v1/books/seven" }],
  ["a number too large for its field", { path: "/v1/books/99999999999999999999" }],
  ["a wrong type in the query", { path: "/v1/titles?page_size=x" }],
  ["an escape that is none", { path: "/v1/books/%zz" }],
  ["an escape that is no UTF-8", { path: "/v1/shelves/%ff/books/1" }],
  ["a query escape that is none", { path: "/v1/titles?page_size=%g" }],
])("HttpServer answers %s with 400 CODEC, and the next call as ever", async (_name, request) => {
  const server = libraryServer();
  const reply = await server.inject(request);
  expect([reply.status, reply.json()]).toMatchObject([400, { code: 400, reason: "CODEC" }]);
  expect((await server.inject({ path: "/v1/books/1" })).status).toBe(200);
});

test("HttpServer answers a body over the limit with 413, whether its length is told or not", async () => {
  const { origin } = await serve({ maxBodyBytes: 1000 });
  const put = (body: string | ReadableStream): Promise<Response> =>
    fetch(`${origin}/v1/books/9`, { method: "PUT", headers: json, body, duplex: "half" });
  const large = JSON.stringify({ title: "x".repeat(1000) });
  const told = await put(large);
  expect([told.status, await told.json()]).toMatchObject([413, { reason: "BODY_TOO_LARGE" }]);
  const untold = await put(new Blob([large]).stream());
  expect([untold.status, await untold.json()]).toMatchObject([413, { reason: "BODY_TOO_LARGE" }]);
  expect((await put("{}")).status).toBe(200);
});

test("HttpServer answers an unknown route with 404 and an unknown method with 405 and Allow", async () => {
  const server = libraryServer();
  const unknown = await server.inject({ path: "/nope" });
  expect([unknown.status, unknown.json()]).toMatchObject([404, { code: 404, reason: "NOT_FOUND" }]);
  const method = await server.inject({ method: "PATCH", path: "/v1/books/1" });
  expect([method.status, method.json()]).toMatchObject([405, { reason: "METHOD_NOT_ALLOWED" }]);
  expect(method.headers["allow"]).toBe("DELETE, GET, HEAD, PUT");
});

test("HttpServer answers HEAD as GET, without the body", async () => {
  const { origin } = await serve();
  const get = await fetch(`${origin}/v1/books/1`);
  const head = await fetch(`${origin}/v1/books/1`, { method: "HEAD" });
  expect(head.status).toBe(200);
  expect(head.headers.get("content-length")).toBe(String((await get.arrayBuffer()).byteLength));
  expect((await head.arrayBuffer()).byteLength).toBe(0);
});

test("HttpServer redirects to the path with the right slashes and keeps the query", async () => {
  const server = libraryServer();
  const location = async (method: string, path: string): Promise<unknown[]> => {
    const { status, headers } = await server.inject({ method, path });
    return [status, headers["location"]];
  };
  expect(await location("GET", "/v1/titles/?page_size=1")).toEqual([301, "/v1/titles?page_size=1"]);
  expect(await location("GET", "//v1/./x/../titles")).toEqual([301, "/v1/titles"]);
  expect(await location("PUT", "/v1/books/9/")).toEqual([308, "/v1/books/9"]);
  expect(await location("GET", "//evil.example/..")).toEqual([301, "/"]);
});

test("HttpServer answers errors in the codec of the Accept, never of the Content-Type", async () => {
  const server = libraryServer();
  const proto = await server.inject({
    path: "/v1/books/404",
    headers: { accept: "application/proto" },
  });
  expect(proto.headers["content-type"]).toBe("application/proto");
  expect(fromBinary(StatusSchema, proto.body)).toMatchObject({
    code: 404,
    reason: "BOOK_NOT_FOUND",
    metadata: { id: "404" },
  });
  const plain = await server.inject({
    path: "/v1/books/404",
    headers: { "content-type": "application/proto" },
  });
  expect(plain.json()).toEqual({
    code: 404,
    reason: "BOOK_NOT_FOUND",
    message: "no book 404",
    metadata: { id: "404" },
  });
});

test("HttpServer sends a code that is no final status as 500", async () => {
  for (const code of [0, 99, 100, 199, 600, 1000, -1]) {
    const server = libraryServer(
      {},
      {
        ping() {
          throw new KratosError("m", { code });
        },
      },
    );
    const reply = await server.inject({ method: "POST", path: "/library.v1.Library/Ping" });
    expect([reply.status, reply.json()]).toMatchObject([500, { code, message: "m" }]);
  }
});

test("HttpServer answers a reply that cannot be encoded with 500, and the next call as ever", async () => {
  const server = libraryServer(
    {},
    { getBook: async () => ({ printedAt: { seconds: 10n ** 15n } }) },
  );
  expect((await server.inject({ path: "/v1/books/1" })).status).toBe(500);
  expect((await server.inject({ path: "/v1/titles" })).status).toBe(200);
});

test("HttpServer answers 504 when the time is up, and ends the context", async () => {
  const ended = deferred<unknown>();
  const server = libraryServer(
    { timeoutMs: 20 },
    {
      getBook(_request, ctx) {
        ctx.signal.addEventListener("abort", () => ended.resolve(ctx.signal.reason));
        return new Promise(() => {});
      },
    },
  );
  const reply = await server.inject({ path: "/v1/books/1" });
  expect([reply.status, reply.json()]).toMatchObject([504, { code: 504, reason: "" }]);
  expect(await ended.promise).toMatchObject({ name: "TimeoutError" });
});

test("HttpServer ends the context with an AbortError when the peer leaves", async () => {
  const begun = deferred<void>();
  const ended = deferred<unknown>();
  const { origin } = await serve(
    {},
    {
      getBook(_request, ctx) {
        ctx.signal.addEventListener("abort", () => ended.resolve(ctx.signal.reason));
        begun.resolve();
        return new Promise(() => {});
      },
    },
  );
  const leave = new AbortController();
  const call = fetch(`${origin}/v1/books/1`, { signal: leave.signal });
  await begun.promise;
  leave.abort();
  await expect(call).rejects.toMatchObject({ name: "AbortError" });
  expect(await ended.promise).toMatchObject({ name: "AbortError" });
});

test("HttpServer puts its transport into the context and sends the reply header", async () => {
  const seen: unknown[] = [];
  const server = libraryServer(
    {},
    {
      getBook(_request, ctx) {
        const transport = serverTransport(ctx);
        seen.push(transport?.kind, transport?.operation, httpTransport(ctx)?.pathTemplate);
        seen.push(
          transport?.requestHeader.values("X-Twice"),
          transport?.requestHeader.get("x-one"),
        );
        transport?.replyHeader.set("x-reply", "yes");
        transport?.replyHeader.add("set-cookie", "a=1");
        transport?.replyHeader.add("set-cookie", "b=2");
        return {};
      },
    },
  );
  const headers = { "X-Twice": ["1", "2"], "x-One": "one" };
  const reply = await server.inject({ path: "/v1/books/1", headers });
  expect(seen).toEqual([
    "http",
    "/library.v1.Library/GetBook",
    "/v1/books/{id}",
    ["1", "2"],
    "one",
  ]);
  expect(reply.headers["x-reply"]).toBe("yes");
  expect(reply.headers["set-cookie"]).toBe("a=1\nb=2");
});

test.each([
  ["x-a", "b\r\nx-injected: 1"],
  ["x-a\r\nx-injected", "1"],
  ["content-length", "0"],
  ["transfer-encoding", "chunked"],
])("HttpServer refuses the reply header %j: %j", async (name, value) => {
  const server = libraryServer(
    {},
    {
      getBook(_request, ctx) {
        serverTransport(ctx)?.replyHeader.set(name, value);
        return {};
      },
    },
  );
  const reply = await server.inject({ path: "/v1/books/1" });
  expect(reply.status).toBe(500);
  expect(reply.headers["x-injected"]).toBeUndefined();
});

test("HttpServer runs filters around everything, in the order listed", async () => {
  const order: string[] = [];
  const server = libraryServer({
    filters: ["outer", "inner"].map((name) => (next) => async (exchange, ctx) => {
      order.push(name);
      exchange.replyHeader.set(`x-${name}`, exchange.method);
      await next(exchange, ctx);
      order.push(`${name} after`);
    }),
  });
  const reply = await server.inject({ path: "/nope" });
  expect(reply.status).toBe(404);
  expect(reply.headers).toMatchObject({ "x-outer": "GET", "x-inner": "GET" });
  const found = await server.inject({ path: "/v1/books/1" });
  expect(found.headers).toMatchObject({ "x-outer": "GET", "x-inner": "GET" });
  const all = ["outer", "inner", "inner after", "outer after"];
  expect(order).toEqual([...all, ...all]);
});

test("HttpServer runs the middlewares of the operation, those added later too", async () => {
  const order: string[] = [];
  const note =
    (name: string): Middleware =>
    (next) =>
    (request, ctx) => {
      order.push(name);
      return next(request, ctx);
    };
  const server = libraryServer({ middleware: [note("all")] });
  server.use("/library.v1.Library/Get*", note("get"));
  await server.inject({ path: "/v1/books/1" });
  await server.inject({ path: "/v1/titles" });
  server.use("/library.v1.Library/ListTitles", note("list"));
  await server.inject({ path: "/v1/titles" });
  expect(order).toEqual(["all", "get", "all", "all", "list"]);
});

test("HttpServer answers what a middleware throws as it answers the implementation's errors", async () => {
  const server = libraryServer({
    middleware: [
      () => () => {
        throw badRequest("NO", "no");
      },
    ],
  });
  const reply = await server.inject({ path: "/v1/books/1" });
  expect(reply.json()).toMatchObject({ code: 400, reason: "NO" });
});

test("HttpServer uses the hooks in place of its codecs", async () => {
  const server = libraryServer({
    requestDecoder: (body, { schema, field }) => {
      if (field !== undefined) throw badRequest("FIELD", field.name);
      return create(schema, { title: Buffer.from(body).toString() });
    },
    responseEncoder: (reply, { exchange }) =>
      exchange.reply({
        status: 201,
        headers: ["Content-Type", "text/plain"],
        body: Buffer.from(reply.$typeName),
      }),
    errorEncoder: (error, exchange) =>
      exchange.reply({ status: 418, body: Buffer.from(String(error)) }),
  });
  const put = await server.inject({ method: "PUT", path: "/v1/books/1", body: "raw" });
  expect([put.status, put.text()]).toEqual([201, BookSchema.typeName]);
  const post = await server.inject({ method: "POST", path: "/v1/shelves/1/books", body: "raw" });
  expect([post.status, post.text()]).toMatchObject([418, expect.stringContaining("book")]);
});

test("HttpServer puts the path prefix before every route", async () => {
  const server = libraryServer({ pathPrefix: "/api" });
  expect((await server.inject({ path: "/api/v1/books/1" })).status).toBe(200);
  expect((await server.inject({ path: "/v1/books/1" })).status).toBe(404);
});

test("HttpServer answers what no route fits with the handlers it is given", async () => {
  const server = libraryServer({
    notFound: (exchange) => exchange.reply({ status: 404, body: `no ${exchange.target}` }),
    methodNotAllowed: (exchange) => exchange.reply({ status: 405, body: `no ${exchange.method}` }),
  });
  const unknown = await server.inject({ path: "/nope" });
  expect([unknown.status, unknown.text()]).toEqual([404, "no /nope"]);
  const wrong = await server.inject({ method: "DELETE", path: "/v1/titles" });
  expect([wrong.status, wrong.text()]).toEqual([405, "no DELETE"]);
});

test("HttpServer refuses a service whose paths are taken", () => {
  const register = (): unknown => libraryServer().register(Library, libraryService());
  expect(register).toThrow(/must not take the same paths/);
});

test("HttpServer refuses an address that is none", () => {
  expect(() => new HttpServer({ address: "8000" })).toThrow(TypeError);
});

test.each([
  ["timeoutMs", { timeoutMs: Number.NaN }],
  ["heartbeatMs", { heartbeatMs: -1 }],
  ["headersTimeoutMs", { headersTimeoutMs: -1 }],
  ["maxBodyBytes", { maxBodyBytes: Number.NaN }],
  ["maxConnections", { maxConnections: -1 }],
  ["webSocket.pingIntervalMs", { webSocket: { pingIntervalMs: Number.NaN } }],
])("HttpServer refuses a %s that is no number from 0 on, and says so", (name, options) => {
  expect(() => new HttpServer(options)).toThrow(
    new RegExp(`^Cannot make an HttpServer as '${name}' must be 0 or more: current value is `),
  );
  expect(() => new HttpServer(options)).toThrow(RangeError);
});
