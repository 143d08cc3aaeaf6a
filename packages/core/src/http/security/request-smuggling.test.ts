import { afterEach, expect, test } from "vitest";
import { serve, speak, stopServers } from "../testdata/serve.ts";

afterEach(stopServers);

const inner = "GET /v1/books/666 HTTP/1.1\r\nHost: x\r\n\r\n";
const put = "PUT /v1/books/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

/** What the server says to the bytes, and which books its handlers were asked for. */
async function attack(bytes: string): Promise<{ statuses: number[]; asked: bigint[] }> {
  const asked: bigint[] = [];
  const { host, origin } = await serve(
    { requestTimeoutMs: 600, headersTimeoutMs: 300, keepAliveTimeoutMs: 300 },
    {
      async getBook({ id }) {
        asked.push(id);
        return { id };
      },
      async updateBook(book) {
        asked.push(book.id);
        return book;
      },
    },
  );
  const said = await speak(host, bytes).catch(() => "");
  expect((await fetch(`${origin}/v1/books/7`)).status).toBe(200);
  expect(asked.pop()).toBe(7n);
  return {
    statuses: [...said.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => Number(code)),
    asked,
  };
}

/** Every one of these is read in two ways by two parsers: none may reach a handler, nor what stands behind it. */
test.each([
  ["CL.TE", `${put}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`],
  [
    "TE.CL",
    `${put}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n2a\r\n${inner}\r\n0\r\n\r\n`,
  ],
  ["a blank before the colon", `${put}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${inner}`],
  ["a coding that is not chunked", `${put}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${inner}`],
  [
    "chunked and then identity",
    `${put}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${inner}`,
  ],
  [
    "chunked twice",
    `${put}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${inner}`,
  ],
  [
    "a folded header",
    `${put}Transfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${inner}`,
  ],
  ["a vertical tab in the coding", `${put}Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n${inner}`],
  ["a NUL in the coding", `${put}Transfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n${inner}`],
  ["two lengths that differ", `${put}Content-Length: 0\r\nContent-Length: 40\r\n\r\n${inner}`],
  ["two lengths that agree", `${put}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`],
  ["two lengths in a line", `${put}Content-Length: 0, 40\r\n\r\n${inner}`],
  ["a length with a sign", `${put}Content-Length: +2\r\n\r\n{}`],
  ["a length below zero", `${put}Content-Length: -1\r\n\r\n${inner}`],
  ["a length in hexadecimal", `${put}Content-Length: 0x2\r\n\r\n{}`],
  ["a length beyond 64 bits", `${put}Content-Length: 18446744073709551618\r\n\r\n{}`],
  ["lines that end in LF alone", "GET /v1/books/666 HTTP/1.1\nHost: x\n\n"],
  ["a header that ends in CR alone", `GET /v1/books/666 HTTP/1.1\r\nHost: x\rX: y\r\n\r\n`],
  ["two hosts", "GET /v1/books/666 HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"],
  ["a chunk size with a sign", `${put}Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n`],
  ["a chunk size in 0x", `${put}Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n`],
  [
    "a chunk size beyond 64 bits",
    `${put}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff2\r\n{}\r\n0\r\n\r\n`,
  ],
  ["no chunk size", `${put}Transfer-Encoding: chunked\r\n\r\n\r\n{}\r\n0\r\n\r\n`],
  ["a chunk longer than its size", `${put}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n`],
  ["a chunk that ends in LF", `${put}Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n`],
  [
    "a chunk extension with a control character",
    `${put}Transfer-Encoding: chunked\r\n\r\n2;a=\x01\r\n{}\r\n0\r\n\r\n`,
  ],
  [
    "a chunk extension without end",
    `${put}Transfer-Encoding: chunked\r\n\r\n2;${"a".repeat(100_000)}\r\n{}\r\n0\r\n\r\n`,
  ],
  [
    "trailers without end",
    `${put}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n${"a: b\r\n".repeat(20_000)}\r\n`,
  ],
])("HttpServer refuses a request with %s, and what stands behind it", async (_name, bytes) => {
  const { statuses, asked } = await attack(bytes);
  expect(asked).toEqual([]);
  expect(statuses.length).toBeLessThanOrEqual(1);
  for (const status of statuses) expect(Math.floor(status / 100)).toBe(4);
});

test("HttpServer refuses a WebSocket of two hosts, as one of them would be its origin", async () => {
  const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  const { statuses } = await attack(
    `GET /library.v1.Library/Upload HTTP/1.1\r\nHost: x\r\nHost: y\r\n${upgrade}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  );
  expect(statuses).toEqual([400]);
});

test("HttpServer takes chunks with extensions and trailers, which mean nothing", async () => {
  const body = '1;a=b\r\n{\r\n1;c="d"\r\n}\r\n0\r\nX-Trailer: y\r\n\r\n';
  const { statuses, asked } = await attack(
    `${put}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
  );
  expect([statuses, asked]).toEqual([[200], [1n]]);
});

test("HttpServer takes the body of a GET as a body, never as the next request", async () => {
  const head = `GET /v1/books/1 HTTP/1.1\r\nHost: x\r\nContent-Length: ${inner.length}\r\n`;
  const { statuses, asked } = await attack(
    `${head}\r\n${inner}GET /v1/books/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  );
  expect(statuses).toEqual([200, 200]);
  expect(asked).toEqual([1n, 2n]);
});

test("HttpServer never takes the rest of a body it has refused as a request", async () => {
  const { host, origin } = await serve({ maxBodyBytes: 16 });
  const body = inner.repeat(10);
  const said = await speak(
    host,
    `${put}Content-Length: ${body.length}\r\n\r\n${body}GET /v1/books/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  ).catch(() => "");
  expect(said).not.toContain('"666"');
  expect(said).toMatch(/^HTTP\/1\.1 413/);
  expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
});

test("HttpServer answers pipelined requests in their order, also when the first takes longest", async () => {
  const { host } = await serve(
    {},
    {
      async getBook({ id }) {
        if (id === 1n) await new Promise((resolve) => setImmediate(resolve));
        return { id };
      },
    },
  );
  const last = "GET /v1/books/3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const said = await speak(
    host,
    `GET /v1/books/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/books/2 HTTP/1.1\r\nHost: x\r\n\r\n${last}`,
  );
  expect([...said.matchAll(/"id":"(\d)"/g)].map(([, id]) => id)).toEqual(["1", "2", "3"]);
});
