import { readFileSync } from "node:fs";
import { createServer, type Server as NodeServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { fromError, notFound } from "../../errors/index.ts";
import { type Client, createClient } from "../../rpc/index.ts";
import { HttpClient, type HttpClientOptions } from "../index.ts";
import { Chat } from "../testdata/chat_pb.js";
import { serveChat, stopChats } from "../testdata/chat-service.ts";
import { deferred } from "../testdata/serve.ts";

const end = "\u001eend";
const closing: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await stopChats();
});

function chatOf(endpoint: string, options: Partial<HttpClientOptions> = {}): Client<typeof Chat> {
  const connection = new HttpClient({ endpoint, ...options });
  closing.push(() => connection.close());
  return createClient(Chat, connection);
}

/** A peer that speaks the wire of Kratos v3 by hand. */
async function speaker(
  speak: (socket: WebSocket, url: string) => void,
): Promise<{ readonly host: string; readonly node: NodeServer }> {
  const node = createServer();
  const server = new WebSocketServer({ server: node });
  server.on("connection", (socket, request) => speak(socket, request.url ?? ""));
  await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    for (const socket of server.clients) socket.terminate();
    node.close();
  });
  const { port } = node.address() as AddressInfo; // it listens on a port
  return { host: `127.0.0.1:${port}`, node };
}

async function* of<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function all<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe("HttpClient calls methods that stream requests over WebSockets", () => {
  test("both ways, in turns", async () => {
    const { host } = await serveChat();
    let said = deferred<string>();
    async function* lines(): AsyncGenerator<{ readonly text: string }> {
      yield { text: "a" };
      yield { text: `${await said.promise}!` };
    }
    const seen: string[] = [];
    for await (const { text } of chatOf(host).talk(lines())) {
      seen.push(text);
      said.resolve(text);
      said = deferred<string>();
    }
    expect(seen).toEqual(["you said a", "you said you said a!"]);
  });

  test("with one reply to many requests", async () => {
    const { host } = await serveChat();
    const requests = Array.from({ length: 1000 }, () => ({ text: "x".repeat(1000) }));
    const reply = await chatOf(host).count(of(...requests));
    expect(reply).toMatchObject({ lines: 1000, bytes: 1_000_000n });
    expect(await chatOf(host).count(of())).toMatchObject({ lines: 0 });
  });

  test("with path variables of the first message, and one field streamed alone", async () => {
    const { host } = await serveChat();
    const chat = chatOf(host);
    const entries = of({ name: "hall", sub: { naming: "a" } }, { sub: { naming: "b" } });
    expect((await all(chat.join(entries))).map(({ text }) => text)).toEqual(["hall: a", "hall: b"]);
    const greeted = await all(chat.greet(of({ name: "k", sub: { tags: ["x"] } })));
    expect(greeted).toMatchObject([{ name: "k", sub: { tags: ["x"] } }]);
    await expect(all(chat.greet(of()))).rejects.toMatchObject({ code: 400, reason: "CODEC" });
  });

  test("in proto, over TLS and over a socket of the file system", async () => {
    const read = (name: string): Buffer =>
      readFileSync(new URL(`../testdata/tls/${name}`, import.meta.url));
    const tls = { key: read("server-key.pem"), cert: read("server.pem") };
    const { host } = await serveChat({}, { tls });
    const overTls = chatOf(`https://localhost:${host.split(":")[1]}`, {
      tls: { ca: read("ca.pem") },
      codec: "proto",
    });
    expect(await overTls.count(of({ text: "abc" }))).toMatchObject({ lines: 1, bytes: 3n });
    const address = `unix:${join(tmpdir(), `chat-${process.pid}.sock`)}`;
    await serveChat({}, { address });
    expect(await chatOf(address).count(of({ text: "abc" }))).toMatchObject({ lines: 1 });
  });

  test("with headers both ways", async () => {
    const { host } = await serveChat(
      {},
      {
        middleware: [],
        filters: [
          (next) => (exchange, ctx) => {
            exchange.replyHeader.set("x-back", exchange.requestHeader.get("x-there"));
            return next(exchange, ctx);
          },
        ],
      },
    );
    let back = "";
    await chatOf(host).count(of({}), {
      headers: { "x-there": "1" },
      onHeader: (header) => {
        back = header.get("x-back");
      },
    });
    expect(back).toBe("1");
  });
});

describe("HttpClient fails WebSocket calls", () => {
  test("with the error of the method, after the replies before it", async () => {
    const { host } = await serveChat({
      async *talk() {
        yield { text: "one" };
        throw notFound("LINE", "no such line");
      },
    });
    const seen: string[] = [];
    const failing = (async () => {
      for await (const { text } of chatOf(host).talk(of({ text: "a" }))) seen.push(text);
    })();
    await expect(failing).rejects.toMatchObject({
      code: 404,
      reason: "LINE",
      message: "no such line",
    });
    expect(seen).toEqual(["one"]);
  });

  test("with the error of a refused handshake", async () => {
    const { host } = await serveChat(
      {},
      {
        middleware: [
          () => async () => {
            throw notFound("X", "m");
          },
        ],
      },
    );
    await expect(chatOf(host).count(of({}))).rejects.toMatchObject({ code: 404, reason: "X" });
  });

  test("with 501 where the method has no rule, 503 where nobody listens", async () => {
    const { host } = await serveChat();
    await expect(all(chatOf(host).hidden(of({})))).rejects.toMatchObject({ code: 501 });
    const { host: gone, server } = await serveChat();
    await server.stop(AbortSignal.abort());
    await expect(chatOf(gone).count(of({}))).rejects.toMatchObject({ code: 503 });
  });

  test("with 504 where the handshake takes too long, or the deadline passes", async () => {
    const silent = createServer();
    silent.on("upgrade", () => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    closing.push(
      () => silent.closeAllConnections(),
      () => silent.close(),
    );
    const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await expect(chatOf(host, { timeoutMs: 20 }).count(of({}))).rejects.toMatchObject({
      code: 504,
    });
    await expect(chatOf(host).count(of({}), { timeoutMs: 20 })).rejects.toMatchObject({
      code: 504,
    });
  });

  test("when their caller leaves, which the server does not take for the end of requests", async () => {
    const seen = deferred<unknown>();
    const { host } = await serveChat({
      async *talk(lines) {
        try {
          for await (const line of lines) yield line;
          seen.resolve("end");
        } catch (error) {
          seen.resolve(error);
        }
      },
    });
    async function* endless(): AsyncGenerator<{ readonly text: string }> {
      yield { text: "a" };
      await new Promise(() => {});
    }
    for await (const _ of chatOf(host).talk(endless())) break;
    expect(await seen.promise).toMatchObject({ code: 499 });
    const controller = new AbortController();
    const call = chatOf(host).count(endless(), { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 499 });
  });

  test("when their client is closed, and before a first message that never comes", async () => {
    const { host } = await serveChat();
    const client = new HttpClient({ endpoint: host });
    const chat = createClient(Chat, client);
    async function* endless(): AsyncGenerator<{ readonly text: string }> {
      yield { text: "a" };
      await new Promise(() => {});
    }
    const replies = chat.talk(endless())[Symbol.asyncIterator]();
    await replies.next();
    const next = replies.next();
    await client.close();
    await expect(next).rejects.toMatchObject({ code: 503 });
    async function* never(): AsyncGenerator<never> {
      await new Promise(() => {});
    }
    const waiting = all(chatOf(host).greet(never(), { timeoutMs: 20 }));
    await expect(waiting).rejects.toMatchObject({ code: 504 });
  });

  test("with the error of their own requests", async () => {
    const { host } = await serveChat();
    async function* failing(): AsyncGenerator<{ readonly text: string }> {
      yield { text: "a" };
      throw notFound("SOURCE", "dry");
    }
    await expect(chatOf(host).count(failing())).rejects.toMatchObject({ reason: "SOURCE" });
  });

  test("that get a message over the limit, or one that is none", async () => {
    const { host } = await serveChat({
      async *talk(lines) {
        for await (const { text } of lines) yield { text: text.repeat(1000) };
      },
    });
    const small = chatOf(host, { maxResponseBytes: 100 });
    await expect(all(small.talk(of({ text: "abc" })))).rejects.toMatchObject({
      reason: "REPLY_TOO_LARGE",
    });
    const { host: odd } = await speaker((socket) => socket.send("{"));
    await expect(all(chatOf(odd).talk(of({})))).rejects.toMatchObject({ reason: "CODEC" });
  });
});

describe("HttpClient speaks the wire of Kratos v3", () => {
  test("with text frames and an end of its own", async () => {
    const frames: string[] = [];
    let url = "";
    const { host } = await speaker((socket, asked) => {
      url = asked;
      socket.on("message", (data: Buffer) => {
        frames.push(data.toString());
        if (data.toString() !== end) return;
        socket.send('{"lines":2}');
        socket.close(1000);
      });
    });
    expect(await chatOf(host).count(of({ text: "a" }, { text: "b" }))).toMatchObject({ lines: 2 });
    expect([url, frames]).toEqual(["/v1/count", ['{"text":"a"}', '{"text":"b"}', end]]);
  });

  test("taking 1000 and 1001 for the end, and everything else for an error", async () => {
    const closes = [1000, 1001, 1011, 1003] as const;
    let at = 0;
    const { host } = await speaker((socket) => {
      socket.send('{"text":"a"}');
      socket.close(closes[at], at > 1 ? "why" : "");
      at += 1;
    });
    const ends: unknown[] = [];
    for (const _ of closes) {
      const call = all(chatOf(host).talk(of()));
      ends.push(
        await call.then(
          (items) => items.length,
          (error: unknown) => fromError(error).message,
        ),
      );
    }
    expect(ends).toEqual([1, 1, "why", "why"]);
  });

  test("taking an error message for the error, all of one of Kratos and the text of another", async () => {
    const texts = [
      "boom",
      "error: code = 409 reason = R message = m = n metadata = map[a:b] cause = <nil>",
    ];
    let at = 0;
    const { host } = await speaker((socket) => {
      socket.send(`\u001eerror:${texts[at]}`);
      socket.close(1011, "cut");
      at += 1;
    });
    const chat = chatOf(host);
    await expect(chat.count(of())).rejects.toMatchObject({
      code: 500,
      reason: "",
      message: "boom",
    });
    await expect(chat.count(of())).rejects.toMatchObject({
      code: 409,
      reason: "R",
      message: "m = n",
    });
  });

  test("failing with 503 when the peer vanishes", async () => {
    const { host } = await speaker((socket) => socket.on("message", () => socket.terminate()));
    await expect(chatOf(host).count(of({}))).rejects.toMatchObject({ code: 503 });
  });
});

test("HttpClient takes replies of a WebSocket no faster than they are read", async () => {
  let made = 0;
  const { host } = await serveChat({
    async *talk() {
      for (; made < 20_000; made += 1) yield { text: "x".repeat(10_000) };
    },
  });
  const stream = chatOf(host).talk(of())[Symbol.asyncIterator]();
  await stream.next();
  for (let quiet = 0, before = 0; quiet < 200; quiet = before === made ? quiet + 1 : 0) {
    before = made;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(made).toBeLessThan(3000);
  await stream.return?.();
});

test("HttpClient tells the selector how a WebSocket call ended, and passes over nodes it cannot reach", async () => {
  const { host } = await serveChat();
  const { host: gone, server } = await serveChat();
  await server.stop(AbortSignal.abort());
  const chat = chatOf(`direct:///${gone},${host}`);
  for (let at = 0; at < 4; at += 1) expect(await chat.count(of({}))).toMatchObject({ lines: 1 });
});
