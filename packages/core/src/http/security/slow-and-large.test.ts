import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { serverTransport } from "../../transport/index.ts";
import { deferred, dial, libraryServer, serve, speak, stopServers } from "../testdata/serve.ts";
import { serveMedia, stopMedia } from "../files/testdata/media-service.ts";

afterEach(() => Promise.all([stopServers(), stopMedia()]));

const put = "PUT /v1/books/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
const get = (...lines: readonly string[]): string =>
  ["GET /v1/books/1 HTTP/1.1", "Host: x", "Connection: close", ...lines, "", ""].join("\r\n");
/** Resolves at the end of a connection, whether it went well or not. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

const status = (said: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1]);

/** Says one byte after another until the server has had enough. */
async function drip(socket: Socket, text: string): Promise<string> {
  let said = "";
  let at = 0;
  socket.on("error", () => {});
  socket.on("data", (chunk) => (said += chunk.toString("latin1")));
  const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ""), 20);
  await closing(socket);
  clearInterval(timer);
  return said;
}

test.each([
  ["a head", "", "GET / HTTP/1.1\r\nHost: x\r\nX-A: aaaaaaaa"],
  ["a header without end", "GET / HTTP/1.1\r\nHost: x\r\nX-A: ", "a"],
  ["a body", `${put}Content-Length: 1000000\r\n\r\n`, " "],
  ["chunks", `${put}Transfer-Encoding: chunked\r\n\r\n`, "1\r\n \r\n"],
  ["nothing", "", "\r\n"],
])("HttpServer ends a connection that sends %s one byte at a time", async (_name, begin, rest) => {
  const { host, origin } = await serve({ headersTimeoutMs: 200, requestTimeoutMs: 400 });
  const socket = dial(host);
  socket.write(begin);
  const said = await drip(socket, rest);
  if (said !== "") expect(Math.floor(status(said) / 100)).toBe(4);
  expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
});

test("HttpServer ends connections that never say a word", async () => {
  const { host, origin } = await serve({ headersTimeoutMs: 100, requestTimeoutMs: 200 });
  const sockets = Array.from({ length: 50 }, () => dial(host).resume());
  await Promise.all(sockets.map((socket) => closing(socket)));
  expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
});

test("HttpServer calls no handler for an upload that is broken off", async () => {
  let asked = 0;
  const { host, origin } = await serve(
    {},
    {
      async updateBook(book) {
        asked += 1;
        return book;
      },
    },
  );
  const heads = [
    `${put}Content-Length: 100\r\n\r\n{}`,
    `${put}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`,
  ];
  for (const how of ["end", "resetAndDestroy"] as const) {
    for (const head of heads) {
      const socket = dial(host);
      socket.on("error", () => {});
      await new Promise((resolve) => socket.write(head, resolve));
      const closed = closing(socket);
      socket.resume();
      socket[how]();
      await closed;
    }
  }
  expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
  expect(asked).toBe(0);
});

test("HttpServer ends the stream of an upload whose peer has left, with an error", async () => {
  const ended = deferred<unknown>();
  const { host } = await serveMedia({
    async upload(bodies) {
      let seen = 0;
      try {
        for await (const { data } of bodies) seen += data.length;
        ended.resolve(`whole after ${seen}`);
      } catch (error) {
        ended.resolve(error);
      }
      return {};
    },
  });
  const boundary = "--b\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nhalf";
  const socket = dial(host);
  socket.write(
    `POST /v1/uploads HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9999\r\n\r\n${boundary}`,
    () => setImmediate(() => socket.resetAndDestroy()),
  );
  socket.on("error", () => {});
  expect(await ended.promise).toBeInstanceOf(Error);
});

test.each([
  ["very many headers", Array.from({ length: 3000 }, (_, at) => `x${at}: a`), 431],
  ["very many headers of one name", Array.from({ length: 3000 }, () => "a:b"), 200],
  ["a head that is too large", Array.from({ length: 100 }, () => `x: ${"a".repeat(1000)}`), 431],
  ["very many cookies", [`Cookie: ${"a=b; ".repeat(20_000)}`], 431],
  ["a cookie without end", [`Cookie: a=${"b".repeat(100_000)}`], 431],
  ["many cookies", [`Cookie: ${"a=b; ".repeat(2500)}`], 200],
  ["1500 headers", Array.from({ length: 1500 }, () => "a: b"), 200],
])("HttpServer answers a head with %s", async (_name, lines, expected) => {
  const { host, origin } = await serve();
  expect(status(await speak(host, get(...lines)).catch(() => ""))).toBe(expected);
  expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
});

test.each([
  ["a path beyond 8192 characters", `/v1/books/${"1".repeat(8192)}`, 414],
  ["a target beyond the size of a head", `/v1/books/1?${"a".repeat(17_000)}`, 431],
  ["a path of 4000 segments", `/v1${"/a".repeat(4000)}`, 404],
  ["a path of 8000 slashes", `/v1/books${"/".repeat(8000)}1`, 301],
  ["a path of 4000 dots", `/v1/books${"/.".repeat(3900)}/1`, 301],
  ["a path that climbs 2000 times", `/v1/books${"/..".repeat(2600)}/1`, 301],
  ["a verb without end", `/v1/books/${":a".repeat(3000)}`, 400],
  ["escapes without end", `/v1/shelves/${"%41".repeat(2500)}/books/1`, 200],
])("HttpServer answers %s", async (_name, target, expected) => {
  const { host } = await serve();
  const said = await speak(host, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(status(said)).toBe(expected);
});

const pairs = (count: number, name: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => `${name(at)}=1`).join("&");

test.each([
  ["a query of too many pairs", pairs(1001, (at) => `k${at}`)],
  ["a query of too many pairs of one name", pairs(1001, () => "authors")],
])("HttpServer refuses %s", async (_name, query) => {
  const reply = await libraryServer().inject({ path: `/v1/watch?${query}` });
  expect([reply.status, reply.json()]).toMatchObject([400, { reason: "CODEC" }]);
});

test.each([
  ["pairs", pairs(300_000, (at) => `k${at}`)],
  ["pairs of one name", pairs(300_000, () => "authors")],
  ["entries of a map", pairs(200_000, (at) => `labels[${at}]`)],
  ["nested fields", pairs(100_000, (at) => `sequel.labels[${at}]`)],
])("HttpServer refuses a form of too many %s", async (_name, body) => {
  const reply = await libraryServer().inject({
    method: "PUT",
    path: "/v1/books/1",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body,
  });
  expect(reply.status).toBe(400);
});

/** Names that have the same hash in tables that hash by sums. */
const colliding = (count: number): string[] =>
  Array.from({ length: count }, (_, at) =>
    at.toString(2).padStart(17, "0").replaceAll("0", "Aa").replaceAll("1", "BB"),
  );

test("HttpServer takes a map of very many keys that would collide elsewhere", async () => {
  const labels = Object.fromEntries(colliding(60_000).map((key) => [key, ""]));
  const body = JSON.stringify({ labels });
  const headers = { "content-type": "application/json" };
  const reply = await libraryServer().inject({ method: "PUT", path: "/v1/books/1", headers, body });
  expect(reply.status).toBe(200);
  expect(Object.keys((reply.json() as { labels: object }).labels)).toHaveLength(60_000);
});

test("HttpServer throws away what comes beyond the limit of a body, and not for ever", async () => {
  const { host, origin } = await serve({ maxBodyBytes: 100_000, requestTimeoutMs: 500 });
  const socket = dial(host);
  socket.on("error", () => {});
  let said = "";
  socket.on("data", (chunk) => (said += chunk.toString("latin1")));
  const closed = closing(socket);
  socket.write(`${put}Transfer-Encoding: chunked\r\n\r\n`);
  const chunk = `4000\r\n${" ".repeat(0x4000)}\r\n`;
  const before = process.memoryUsage().arrayBuffers;
  let most = before;
  while (!socket.destroyed) {
    if (!socket.write(chunk)) {
      await Promise.race([once(socket, "drain").catch(() => {}), closed]);
    }
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
  await closed;
  expect(status(said)).toBe(413);
  expect(most - before).toBeLessThan(Math.max(socket.bytesWritten / 2, 64 * 1024 * 1024));
  expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
});

test("HttpServer shows a handler all headers there are, also the last of very many", async () => {
  const { host } = await serve(
    {},
    {
      async getBook(_request, ctx) {
        return { title: serverTransport(ctx)?.requestHeader.get("x-last") ?? "" };
      },
    },
  );
  const lines = Array.from({ length: 2500 }, () => "a:b");
  expect(await speak(host, get(...lines, "X-Last: seen"))).toContain('"title":"seen"');
});

test.each([
  ["parts", 413, Array.from({ length: 1500 }, (_, at) => `k${at}`)],
  ["parts of a list", 413, Array.from({ length: 1500 }, () => "tags")],
])("HttpServer refuses a multipart body of too many %s", async (_name, expected, names) => {
  const { origin } = await serveMedia();
  const body = new FormData();
  for (const name of names) body.append(name, "x");
  const reply = await fetch(`${origin}/v1/profiles`, { method: "POST", body });
  expect(reply.status).toBe(expected);
});
