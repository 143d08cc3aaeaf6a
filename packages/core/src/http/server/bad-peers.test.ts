import { afterEach, expect, test } from "vitest";
import { deferred, dial, libraryServer, serve, speak, stopServers } from "../testdata/serve.ts";

afterEach(stopServers);

const status = (said: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1]);

test.each([
  ["garbage", "\x16\x03\x01\x02\x00\x01\x00", 400],
  ["a request line that is none", "GET\r\n\r\n", 400],
  ["no host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["a target with blanks", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400],
  ["a header with a control character", "GET / HTTP/1.1\r\nHost: x\r\nA: b\x01\r\n\r\n", 400],
  [
    "two lengths",
    "PUT /v1/books/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    400,
  ],
  [
    "a length and chunks",
    "PUT /v1/books/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    400,
  ],
  ["a head too large", `GET / HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(20_000)}\r\n\r\n`, 431],
  ["an overlong target", `GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
])("HttpServer answers %s with an error and goes on", async (_name, text, expected) => {
  const { host, origin } = await serve();
  expect(status(await speak(host, text))).toBe(expected);
  expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
});

test.each([
  ["a path that is too long", `/v1/books/${"1".repeat(9000)}`, 414],
  ["a path of very many segments", `/v1${"/a".repeat(2000)}`, 404],
  ["a target that is only a query", "/?a=b", 404],
  ["a star", "*", 404],
  ["a whole URL", "http://other.example/v1/books/1", 200],
  ["a whole URL without a path", "http://other.example", 404],
  ["climbing dots behind escapes", "/v1/shelves/%2e%2e/books/1", 200],
  ["a null byte in a path", "/v1/shelves/%00/books/1", 200],
])("HttpServer answers %s", async (_name, target, expected) => {
  const { host } = await serve();
  const method = target === "*" ? "OPTIONS" : "GET";
  const said = await speak(
    host,
    `${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  );
  expect(status(said)).toBe(expected);
});

test("HttpServer goes on when an upload is broken off", async () => {
  const { host, origin } = await serve();
  const head = "PUT /v1/books/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  for (const framing of ["Content-Length: 100", "Transfer-Encoding: chunked"]) {
    const socket = dial(host);
    await new Promise<void>((resolve) =>
      socket.write(`${head}${framing}\r\n\r\n`, () => resolve()),
    );
    socket.resetAndDestroy();
  }
  expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
});

test("HttpServer goes on when the peer leaves while it is answered", async () => {
  const begun = deferred<void>();
  const end = deferred<void>();
  const { host, origin } = await serve(
    {},
    {
      async getBook({ id }) {
        if (id === 1n) {
          begun.resolve();
          await end.promise;
        }
        return { title: "x".repeat(100_000) };
      },
    },
  );
  const socket = dial(host);
  socket.write("GET /v1/books/1 HTTP/1.1\r\nHost: x\r\n\r\n");
  await begun.promise;
  socket.resetAndDestroy();
  end.resolve();
  expect((await fetch(`${origin}/v1/books/2`)).status).toBe(200);
});

test("HttpServer takes the first of headers given twice, as Go does", async () => {
  const { host } = await serve();
  const twice = "Accept: application/yaml\r\nAccept: application/json\r\n";
  const said = await speak(
    host,
    `GET /v1/books/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${twice}\r\n`,
  );
  expect(said).toContain("Content-Type: application/yaml");
});

test.each([
  [
    "JSON",
    "application/json",
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"labels":{"__proto__":"x"}}',
  ],
  [
    "a form",
    "application/x-www-form-urlencoded",
    "__proto__.polluted=1&constructor.prototype.polluted=1&labels[__proto__]=x",
  ],
  ["YAML", "application/yaml", "__proto__: {polluted: 1}\nlabels: {__proto__: x}\n"],
])("HttpServer is not polluted by %s", async (_name, type, body) => {
  const server = libraryServer();
  const headers = { "content-type": type };
  const query = "?__proto__.polluted=1&__proto__[polluted]=1&labels[__proto__]=x";
  await server.inject({ method: "PUT", path: "/v1/books/1", headers, body });
  await server.inject({
    method: "POST",
    path: `/v1/shelves/__proto__/books${query}`,
    headers,
    body,
  });
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  expect((await server.inject({ path: "/v1/books/1" })).status).toBe(200);
});

test("HttpServer answers a body in a content coding with 415", async () => {
  const reply = await libraryServer().inject({
    method: "PUT",
    path: "/v1/books/1",
    headers: { "content-type": "application/json", "content-encoding": "gzip" },
    body: "{}",
  });
  expect([reply.status, reply.json()]).toMatchObject([415, { reason: "CONTENT_ENCODING" }]);
});

test("HttpServer refuses bodies that nest too deep", async () => {
  const deep = `${'{"sequel":'.repeat(5000)}{}${"}".repeat(5000)}`;
  const reply = await libraryServer().inject({
    method: "PUT",
    path: "/v1/books/1",
    headers: { "content-type": "application/json" },
    body: deep,
  });
  expect([reply.status, reply.json()]).toMatchObject([400, { reason: "CODEC" }]);
});

test("HttpServer asks for a body the peer would rather not send", async () => {
  const { host } = await serve();
  const said = await speak(
    host,
    "PUT /v1/books/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}",
  );
  expect(said).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/);
});
