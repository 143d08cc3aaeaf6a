import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { decompress, type DecompressOptions, type Exchange } from "../index.ts";
import { ask, type RawReply, type WireName, wires } from "../testdata/both-wires.ts";
import { closeH2 } from "../testdata/h2-client.ts";
import { dial, serve, stopServers } from "../testdata/serve.ts";

afterEach(async () => {
  closeH2();
  await stopServers();
});

const megabyte = 1024 * 1024;
const book = JSON.stringify({ title: "A book", authors: ["x".repeat(5000)] });
const json = { "content-type": "application/json" };

interface Sent {
  readonly coding: string;
  readonly body: Uint8Array;
  readonly options?: DecompressOptions;
  readonly path?: string;
}

/** Creates a book, or hands the body to a route that says what it saw. */
async function send(wire: WireName, { coding, body, options, path }: Sent): Promise<RawReply> {
  const { server, origin } = await serve({ filters: [decompress(options)] });
  server.handle("/whole", async (exchange) => {
    tell(exchange, (await exchange.readBody(4 * megabyte)).length);
  });
  server.handle("/parts", async (exchange) => {
    let size = 0;
    for await (const part of exchange.body()) size += part.length;
    tell(exchange, size);
  });
  server.mount("/node", (request: AsyncIterable<Buffer>, response: { end(text: string): void }) => {
    void (async () => {
      let size = 0;
      for await (const part of request) size += part.length;
      response.end(String(size));
    })();
  });
  const headers = { ...json, "content-encoding": coding };
  return ask(wire, origin, { method: "PUT", path: path ?? "/v1/books/1", headers, body });
}

function tell(exchange: Exchange, size: number): void {
  const { rawHeaders, requestHeader } = exchange;
  const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  const told = ["content-encoding", "content-length"].filter(
    (name) => names.includes(name) || requestHeader.get(name) !== "",
  );
  exchange.reply({ status: 200, body: JSON.stringify({ size, told }) });
}

describe.each(wires)("decompress() over %s", (wire) => {
  test.each([
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["br", brotliCompressSync],
    ["deflate", deflateSync],
    ["GZIP", gzipSync],
    ["identity", (body: string) => Buffer.from(body)],
  ] as const)("lets services read what came as %s", async (coding, pack) => {
    const reply = await send(wire, { coding, body: pack(book) });
    expect([reply.status, JSON.parse(String(reply.body))]).toMatchObject([
      200,
      { title: "A book" },
    ]);
  });

  test.each(["/whole", "/parts"])("shows %s a request that came as it is", async (path) => {
    const reply = await send(wire, { coding: "gzip", body: gzipSync(book), path });
    expect(JSON.parse(String(reply.body))).toEqual({ size: book.length, told: [] });
  });

  test("shows mounted handlers the body unpacked", async () => {
    const reply = await send(wire, { coding: "br", body: brotliCompressSync(book), path: "/node" });
    expect(String(reply.body)).toBe(String(book.length));
  });

  test.each(["zstd", "gzip, br", "compress"])(
    "answers 415 to %s, and what it knows",
    async (coding) => {
      const reply = await send(wire, { coding, body: gzipSync(book) });
      expect([reply.status, reply.headers["accept-encoding"]]).toEqual([415, "br, gzip, deflate"]);
      expect(JSON.parse(String(reply.body))).toMatchObject({ reason: "CONTENT_ENCODING" });
    },
  );

  test.each<[string, Sent]>([
    [
      "a bomb for the reader's limit",
      { coding: "gzip", body: gzipSync(Buffer.alloc(5 * megabyte)) },
    ],
    [
      "a bomb for its own limit",
      {
        coding: "br",
        path: "/parts",
        body: brotliCompressSync(Buffer.alloc(200 * megabyte)),
        options: { maxBytes: megabyte },
      },
    ],
    [
      "a bomb for the ratio",
      { coding: "gzip", path: "/parts", body: gzipSync(Buffer.alloc(30 * megabyte)) },
    ],
  ])("answers 413 to %s", async (_, sent) => {
    const reply = await send(wire, sent);
    expect([reply.status, JSON.parse(String(reply.body))]).toMatchObject([
      413,
      { reason: "BODY_TOO_LARGE" },
    ]);
  });

  test("takes what grows as much as it may", async () => {
    const body = gzipSync(Buffer.alloc(30 * megabyte));
    const options = { maxRatio: 2000 };
    const reply = await send(wire, { coding: "gzip", body, options, path: "/parts" });
    expect(JSON.parse(String(reply.body))).toMatchObject({ size: 30 * megabyte });
  });

  test.each<[string, Uint8Array]>([
    ["is no gzip", Buffer.from("plain text")],
    ["ends early", gzipSync(book).subarray(0, 40)],
    ["is broken", gzipSync(book).fill(7, 20, 40)],
  ])("answers 400 to a body that %s", async (_, body) => {
    const reply = await send(wire, { coding: "gzip", body });
    expect([reply.status, JSON.parse(String(reply.body))]).toMatchObject([
      400,
      { reason: "CONTENT_ENCODING" },
    ]);
  });

  test("lets Connect refuse codings in its own words", async () => {
    const { origin } = await serve({ filters: [decompress()] });
    const headers = { ...json, "connect-protocol-version": "1", "content-encoding": "zstd" };
    const path = "/library.v1.Library/Ping";
    const reply = await ask(wire, origin, { method: "POST", path, headers, body: "{}" });
    expect(JSON.parse(String(reply.body))).toMatchObject({ code: "unimplemented" });
  });

  test("is needed: without it a coding is a 415", async () => {
    const { origin } = await serve();
    const headers = { ...json, "content-encoding": "gzip" };
    const asked = { method: "PUT", path: "/v1/books/1", headers, body: gzipSync(book) };
    expect((await ask(wire, origin, asked)).status).toBe(415);
  });
});

test("decompress() tells the reader when the peer leaves halfway", async () => {
  const { server, host } = await serve({ filters: [decompress()] });
  const failed = new Promise<unknown>((resolve) => {
    server.handle("/read", (exchange) => exchange.readBody(1000).then(neverRead, resolve));
  });
  const socket = dial(host);
  const head =
    "PUT /read HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 100\r\n\r\n";
  socket.write(Buffer.concat([Buffer.from(head), gzipSync(book).subarray(0, 20)]));
  socket.end();
  expect(await failed).toMatchObject({ code: 499 });
});

test.each(["maxBytes", "maxRatio"])("decompress() refuses a %s of 0 when it is made", (name) => {
  expect(() => decompress({ [name]: 0 })).toThrow(/^Cannot .* as .*: current value is 0/);
});

function neverRead(): never {
  throw new Error("half a body was read");
}
