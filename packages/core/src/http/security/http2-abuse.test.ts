import { afterEach, describe, expect, test } from "vitest";
import { once } from "node:events";
import type { Socket } from "node:net";
import { encodeHeaders } from "@kratosjs/h2";
import { closeH2, askH2, openH2 } from "../testdata/h2-client.ts";
import { dial, serve, stopServers } from "../testdata/serve.ts";

afterEach(async () => {
  closeH2();
  await stopServers();
});

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1");

function frame(
  type: number,
  flags: number,
  { stream = 1, payload }: { readonly stream?: number; readonly payload: Buffer },
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Resolves at the end of a connection, whether it went well or not. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

const endStream = 1;
const endHeaders = 4;

/** HPACK literals that no table keeps, so that nothing checks what is in them. */
function block(fields: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    const [name, value] = [
      Buffer.from(fields[at] ?? "", "latin1"),
      Buffer.from(fields[at + 1] ?? "", "latin1"),
    ];
    parts.push(Buffer.from([0, name.length]), name, Buffer.from([value.length]), value);
  }
  return Buffer.concat(parts);
}

const request = (...extra: string[]): string[] => [
  ":method",
  "GET",
  ":scheme",
  "http",
  ":authority",
  "x",
  ":path",
  "/v1/books/666",
  ...extra,
];

/** Sends frames and answers the ids of the books that were asked for when the server has said RST, GOAWAY or an answer. */
async function attack(
  ...frames: readonly Buffer[]
): Promise<{ asked: bigint[]; said: Buffer; mounted: string[] }> {
  const asked: bigint[] = [];
  const mounted: string[] = [];
  const { server, host, origin } = await serve(
    { requestTimeoutMs: 1000 },
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
  server.mount("/old/", (message, response) => {
    mounted.push(JSON.stringify(message.rawHeaders));
    response.end();
  });
  const socket = dial(host);
  const said: Buffer[] = [];
  socket.on("error", () => {});
  socket.write(Buffer.concat([preface, ...frames]));
  for await (const chunk of socket) {
    said.push(chunk as Buffer); // no encoding is set
    if (settled(Buffer.concat(said))) break;
  }
  socket.destroy();
  expect((await askH2(await openH2(origin), { path: "/v1/books/7" })).status).toBe(200);
  expect(asked.pop()).toBe(7n);
  return { asked, mounted, said: Buffer.concat(said) };
}

/** Whether a stream has got its end: HEADERS, RST_STREAM or GOAWAY. */
function settled(bytes: Buffer): boolean {
  return typesOf(bytes).some((type) => type === 1 || type === 3 || type === 7);
}

function typesOf(bytes: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3))
    types.push(bytes[at + 3] ?? -1);
  return types;
}

describe("HttpServer over HTTP/2", () => {
  test.each([
    ["a connection header", request("connection", "close")],
    ["a transfer-encoding", request("transfer-encoding", "chunked")],
    ["a keep-alive", request("keep-alive", "1")],
    ["a proxy-connection", request("proxy-connection", "close")],
    ["an upgrade", request("upgrade", "websocket")],
    ["a TE that is not trailers", request("te", "gzip")],
    ["a name in upper case", request("X-A", "b")],
    ["an empty name", request("", "b")],
    ["a line break in a value", request("x-a", "b\r\nGET /v1/books/667 HTTP/1.1")],
    ["a line feed in a value", request("x-a", "b\nc: d")],
    ["a NUL in a value", request("x-a", "b\0c")],
    ["a line break in a name", request("x-a: b\r\nc", "d")],
    ["a colon in a name", request("x:a", "d")],
    [
      "a line break in the path",
      [
        ":method",
        "GET",
        ":scheme",
        "http",
        ":authority",
        "x",
        ":path",
        "/v1/books/666 HTTP/1.1\r\nX: y",
      ],
    ],
    [
      "a line break in the method",
      [
        ":method",
        "GET / HTTP/1.1\r\nX: y",
        ":scheme",
        "http",
        ":authority",
        "x",
        ":path",
        "/v1/books/666",
      ],
    ],
    ["an unknown pseudo header", request(":evil", "b")],
    ["a pseudo header behind the others", [...request("x-a", "b"), ":path", "/v1/books/667"]],
    ["two paths", request(":path", "/v1/books/667")],
    ["no path", [":method", "GET", ":scheme", "http", ":authority", "x"]],
    ["an empty path", [":method", "GET", ":scheme", "http", ":authority", "x", ":path", ""]],
    ["two lengths that differ", request("content-length", "0", "content-length", "1")],
  ])("HttpServer resets a stream with %s", async (_name, fields) => {
    const { asked, said } = await attack(
      frame(1, endStream | endHeaders, { payload: block(fields) }),
    );
    expect(asked).toEqual([]);
    expect(typesOf(said).some((type) => type === 3 || type === 7 || type === 1)).toBe(true);
    expect(said.includes("X: y")).toBe(false);
  });

  test("HttpServer answers the same frames where nothing is wrong with them", async () => {
    const { asked } = await attack(
      frame(1, endStream | endHeaders, { payload: block(request("x-a", "b", "te", "trailers")) }),
    );
    expect(asked).toEqual([666n]);
    const sent = await attack(put("2"), frame(0, endStream, { payload: Buffer.from("{}") }));
    expect(sent.asked).toEqual([666n]);
  });

  const put = (length: string): Buffer =>
    frame(1, endHeaders, {
      payload: block([
        ":method",
        "PUT",
        ":scheme",
        "http",
        ":authority",
        "x",
        ":path",
        "/v1/books/666",
        "content-type",
        "application/json",
        "content-length",
        length,
      ]),
    });

  test.each([
    ["more bytes than its length", "1", "{}"],
    ["fewer bytes than its length", "3", "{}"],
    ["no bytes and a length", "3", ""],
    ["a length below zero", "-1", "{}"],
    ["a length that is none", "x", "{}"],
    ["a length beyond 64 bits", "18446744073709551618", "{}"],
  ])("HttpServer never hands on a body with %s", async (_name, length, body) => {
    const { asked } = await attack(
      put(length),
      frame(0, endStream, { payload: Buffer.from(body) }),
    );
    expect(asked).toEqual([]);
  });

  test("mount() shows a handler of HTTP/1.1 only headers that are one line each", async () => {
    const fields = [
      ":method",
      "GET",
      ":scheme",
      "http",
      ":authority",
      "x",
      ":path",
      "/old/a",
      "x-a",
      "b\r\ntransfer-encoding: chunked",
    ];
    const { mounted } = await attack(frame(1, endStream | endHeaders, { payload: block(fields) }));
    expect(mounted).toEqual([]);
  });

  test("HttpServer ends a connection whose headers never end, and keeps nothing of them", async () => {
    const { host, origin } = await serve();
    const socket = dial(host);
    socket.on("error", () => {});
    const closed = closing(socket);
    socket.resume();
    socket.write(Buffer.concat([preface, frame(1, 0, { payload: block(request()) })]));
    let sent = 0;
    const piece = frame(9, 0, { payload: Buffer.alloc(16_000, block(["x-a", "b".repeat(90)])) });
    for (; sent < 1000 && !socket.destroyed; sent += 1) {
      if (!socket.write(piece)) await Promise.race([once(socket, "drain").catch(() => {}), closed]);
    }
    await closed;
    expect(sent).toBeLessThan(1000);
    expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
  });

  test("HttpServer ends a connection that opens streams and resets them without end", async () => {
    let begun = 0;
    const { host, origin } = await serve(
      {},
      {
        async getBook() {
          begun += 1;
          return {};
        },
      },
    );
    const socket = dial(host);
    socket.on("error", () => {});
    socket.resume();
    const closed = closing(socket);
    socket.write(preface);
    const payload = Buffer.from(encodeHeaders(request()).bytes);
    const cancel = Buffer.from([0, 0, 0, 8]);
    for (let stream = 1; stream < 100_000 && !socket.destroyed; stream += 2) {
      const both = [
        frame(1, endStream | endHeaders, { stream, payload }),
        frame(3, 0, { stream, payload: cancel }),
      ];
      if (!socket.write(Buffer.concat(both)))
        await Promise.race([once(socket, "drain").catch(() => {}), closed]);
    }
    await closed;
    expect(begun).toBeLessThan(5000);
    expect((await fetch(`${origin}/v1/books/1`)).status).toBe(200);
  });
});
