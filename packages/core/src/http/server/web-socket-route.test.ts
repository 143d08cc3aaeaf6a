import { afterEach, describe, expect, test } from "vitest";
import type { Context } from "../../context/index.ts";
import { badRequest, unauthorized } from "../../errors/index.ts";
import { serverTransport } from "../../transport/index.ts";
import { serveChat, stopChats } from "../testdata/chat-service.ts";
import { deferred, dial, speak } from "../testdata/serve.ts";
import { openPeer, refusedPeer } from "../testdata/web-socket-peer.ts";

const end = "\u001eend";

afterEach(stopChats);

describe("HttpServer serves streams of requests as WebSockets", () => {
  test("both ways, in turns, until the peer ends its side", async () => {
    const { host } = await serveChat();
    const peer = await openPeer(`ws://${host}/v1/talk`);
    for (const text of ["a", "b"]) {
      peer.socket.send(JSON.stringify({ text }));
      expect(JSON.parse(await peer.next())).toEqual({ text: `you said ${text}` });
    }
    peer.socket.send(end);
    expect(await peer.end).toMatchObject({ code: 1000, reason: "" });
  });

  test("with one answer to many requests", async () => {
    const { host } = await serveChat();
    const peer = await openPeer(`ws://${host}/v1/count`);
    for (const text of ["a", "bb", "ccc"]) peer.socket.send(JSON.stringify({ text }));
    peer.socket.send(end);
    const { frames, code } = await peer.end;
    expect([frames.map((frame) => JSON.parse(frame) as unknown), code]).toEqual([
      [{ lines: 3, bytes: "6" }],
      1000,
    ]);
  });

  test("with query and variables laid over every message, and one field streamed alone", async () => {
    const { host } = await serveChat();
    const greet = await openPeer(`ws://${host}/ws/kratos?sub.naming=go`);
    greet.socket.send("{}");
    expect(JSON.parse(await greet.next())).toEqual({
      name: "kratos",
      sub: { naming: "go", tags: [] },
    });
    greet.socket.send('{"name":"else","sub":{"naming":"x","tags":["t"]}}');
    expect(JSON.parse(await greet.next())).toEqual({
      name: "kratos",
      sub: { naming: "go", tags: ["t"] },
    });
    const join = await openPeer(`ws://${host}/v1/rooms/hall`);
    join.socket.send('{"naming":"go"}');
    expect(JSON.parse(await join.next())).toEqual({ text: "hall: go" });
    greet.socket.terminate();
    join.socket.terminate();
  });

  test("with messages in binary frames as in text frames, and proto in binary ones", async () => {
    const { host } = await serveChat();
    const json = await openPeer(`ws://${host}/v1/talk`);
    json.socket.send(Buffer.from('{"text":"a"}'));
    expect(await json.next()).toBe('{"text":"you said a"}');
    json.socket.terminate();
    const headers = { accept: "x/y, application/proto", "content-type": "application/json" };
    const proto = await openPeer(`ws://${host}/v1/count`, { headers });
    proto.socket.send(JSON.stringify({ text: "x".repeat(200) }));
    proto.socket.send(end);
    expect((await proto.end).frames).toEqual(["<080110c801>"]);
  });
});

describe("HttpServer closes WebSockets", () => {
  test("with the error's text in a message and in the close", async () => {
    const { host } = await serveChat({
      async *talk() {
        yield { text: "first" };
        throw badRequest("R", "m".repeat(200), { cause: new Error("secret") });
      },
    });
    const peer = await openPeer(`ws://${host}/v1/talk`);
    const { frames, code, reason } = await peer.end;
    const text = `error: code = 400 reason = R message = ${"m".repeat(200)} metadata = map[] cause = <nil>`;
    expect([frames[1], code, reason]).toEqual([`\u001eerror:${text}`, 1011, text.slice(0, 123)]);
  });

  test("with the bare text of an error that is none of Kratos", async () => {
    const { host } = await serveChat({
      async count(lines) {
        for await (const _ of lines) throw new Error("boom");
        return {};
      },
    });
    const peer = await openPeer(`ws://${host}/v1/count`);
    peer.socket.send("{}");
    expect(await peer.end).toEqual({ frames: ["\u001eerror:boom"], code: 1011, reason: "boom" });
  });

  test("after a message that cannot be read", async () => {
    const { host } = await serveChat();
    const peer = await openPeer(`ws://${host}/v1/talk`);
    peer.socket.send("{");
    const { frames, code } = await peer.end;
    const text = "error: code = 400 reason = CODEC message = message unmarshal";
    expect(frames[0]?.startsWith(`\u001eerror:${text}`)).toBe(true);
    expect(code).toBe(1011);
  });

  test("with 1009 after a message over the limit, which the method sees as a 413", async () => {
    const seen = deferred<unknown>();
    const { host } = await serveChat(
      {
        async count(lines) {
          try {
            for await (const _ of lines);
          } catch (error) {
            seen.resolve(error);
          }
          return {};
        },
      },
      { webSocket: { maxMessageBytes: 100 } },
    );
    const peer = await openPeer(`ws://${host}/v1/count`);
    peer.socket.send("x".repeat(101));
    expect(await peer.end).toMatchObject({ frames: [], code: 1009 });
    expect(await seen.promise).toMatchObject({ code: 413, reason: "MESSAGE_TOO_LARGE" });
  });

  test("with 1001 when it stops, and ends the method's context", async () => {
    const reason = deferred<unknown>();
    const { server, host } = await serveChat({
      async *talk(lines, ctx) {
        ctx.signal.addEventListener("abort", () => reason.resolve(ctx.signal.reason));
        for await (const line of lines) yield line;
      },
    });
    const peer = await openPeer(`ws://${host}/v1/talk`);
    peer.socket.send('{"text":"a"}');
    await peer.next();
    await server.stop(AbortSignal.timeout(5000));
    expect(await peer.end).toMatchObject({ code: 1001, reason: "the server has stopped" });
    expect(await reason.promise).toMatchObject({ code: 503, reason: "SERVER_STOPPED" });
  });

  test("whose peer is silent for too long", async () => {
    const seen = deferred<unknown>();
    const { host } = await serveChat(
      {
        async count(lines) {
          try {
            for await (const _ of lines);
          } catch (error) {
            seen.resolve(error);
          }
          return {};
        },
      },
      { webSocket: { pingIntervalMs: 5, idleTimeoutMs: 30 } },
    );
    const peer = await openPeer(`ws://${host}/v1/count`, { autoPong: false });
    expect(await peer.end).toMatchObject({ code: 1006 });
    expect(await seen.promise).toMatchObject({ code: 499 });
  });

  test("but none whose peer answers pings", async () => {
    const { host } = await serveChat({}, { webSocket: { pingIntervalMs: 2, idleTimeoutMs: 5000 } });
    const peer = await openPeer(`ws://${host}/v1/talk`);
    for (let pings = 0; pings < 5; pings += 1) {
      await new Promise((resolve) => peer.socket.once("ping", resolve));
    }
    peer.socket.send(end);
    expect(await peer.end).toMatchObject({ code: 1000 });
  });

  test("whose peer takes nothing for too long", async () => {
    const seen = deferred<unknown>();
    const { host } = await serveChat(
      {
        async *talk(_lines, ctx) {
          ctx.signal.addEventListener("abort", () => seen.resolve(ctx.signal.reason));
          for (;;) yield { text: "x".repeat(100_000) };
        },
      },
      { writeTimeoutMs: 50 },
    );
    const peer = await openPeer(`ws://${host}/v1/talk`);
    peer.socket.pause();
    expect(await seen.promise).toMatchObject({ name: "AbortError" });
    peer.socket.terminate();
  });
});

describe("HttpServer gives a WebSocket's method", () => {
  test("no deadline, but a context that ends when the peer vanishes", async () => {
    const ended = deferred<unknown>();
    const returned = deferred<void>();
    const { host } = await serveChat(
      {
        async *talk(_lines, ctx) {
          ctx.signal.addEventListener("abort", () => ended.resolve(ctx.signal.reason));
          try {
            yield { text: String(ctx.deadline) };
            await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
          } finally {
            returned.resolve();
          }
        },
      },
      { timeoutMs: 10 },
    );
    const peer = await openPeer(`ws://${host}/v1/talk`);
    expect(await peer.next()).toBe('{"text":"undefined"}');
    peer.socket.terminate();
    expect(await ended.promise).toMatchObject({ name: "AbortError" });
    await returned.promise;
  });

  test("the end of requests when the peer closes with 1000 or 1001, an error when it breaks off", async () => {
    const ends: string[] = [];
    let wake = deferred<void>();
    const { host } = await serveChat({
      async count(lines) {
        try {
          for await (const _ of lines);
          ends.push("end");
        } catch (error) {
          ends.push((error as Error).message);
        }
        wake.resolve();
        return {};
      },
    });
    for (const code of [1000, 1001, 1003]) {
      wake = deferred<void>();
      const peer = await openPeer(`ws://${host}/v1/count`);
      peer.socket.close(code, "why");
      await wake.promise;
    }
    expect(ends).toEqual(["end", "end", "the WebSocket has closed: 1003 why"]);
  });

  test("messages no faster than it reads them", async () => {
    const go = deferred<void>();
    const { host } = await serveChat({
      async count(lines) {
        const first = lines[Symbol.asyncIterator]();
        await first.next();
        await go.promise;
        let count = 1;
        for (let item = await first.next(); item.done !== true; item = await first.next())
          count += 1;
        return { lines: count };
      },
    });
    const peer = await openPeer(`ws://${host}/v1/count`);
    const text = JSON.stringify({ text: "x".repeat(100_000) });
    for (let at = 0; at < 400; at += 1) peer.socket.send(text);
    peer.socket.send(end);
    // The peer cannot get rid of its 40 MB: it stays at what the buffers between hold.
    for (let quiet = 0, before = 0; quiet < 200;) {
      const now = peer.socket.bufferedAmount;
      quiet = now === before ? quiet + 1 : 0;
      before = now;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(peer.socket.bufferedAmount).toBeGreaterThan(20_000_000);
    go.resolve();
    expect(JSON.parse((await peer.end).frames[0] ?? "")).toMatchObject({ lines: 400 });
  });

  test("time to send no faster than the peer reads", async () => {
    let made = 0;
    const { host } = await serveChat({
      async *talk() {
        for (;;) {
          made += 1;
          yield { text: "x".repeat(10_000) };
        }
      },
    });
    const peer = await openPeer(`ws://${host}/v1/talk`);
    peer.socket.pause();
    for (
      let quiet = 0, before = 0;
      quiet < 200;
      quiet = made > 0 && before === made ? quiet + 1 : 0
    ) {
      before = made;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(made).toBeLessThan(3000);
    peer.socket.terminate();
  });
});

describe("HttpServer refuses WebSockets as any request", () => {
  test("where a middleware does", async () => {
    const seen: unknown[] = [];
    const { host } = await serveChat(
      {},
      {
        middleware: [
          () => (_request: unknown, ctx: Context) => {
            const transport = serverTransport(ctx);
            seen.push(transport?.operation, transport?.requestHeader.get("x-token"));
            return Promise.reject(unauthorized("TOKEN", "no"));
          },
        ],
      },
    );
    const refusal = await refusedPeer(`ws://${host}/v1/talk`, { headers: { "x-token": "t" } });
    expect(refusal.status).toBe(401);
    expect(JSON.parse(refusal.body)).toMatchObject({ code: 401, reason: "TOKEN" });
    expect(seen).toEqual(["/chat.v1.Chat/Talk", "t"]);
  });

  test("where no route has the path, or a filter says no", async () => {
    const { host } = await serveChat(
      {},
      {
        filters: [
          (next) => (exchange, ctx) =>
            exchange.target === "/v1/count" ? exchange.reply({ status: 418 }) : next(exchange, ctx),
        ],
      },
    );
    expect(await refusedPeer(`ws://${host}/nowhere`)).toMatchObject({ status: 404 });
    expect(await refusedPeer(`ws://${host}/v1/count`)).toMatchObject({ status: 418 });
  });

  test("from pages of other origins, but not from those listed", async () => {
    const webSocket = { origins: ["https://App.example.com"] };
    const { host } = await serveChat({}, { webSocket });
    const url = `ws://${host}/v1/talk`;
    for (const origin of ["https://evil.example", "null", `http://x.${host}`]) {
      const refusal = await refusedPeer(url, { headers: { origin } });
      expect([origin, refusal.status]).toEqual([origin, 403]);
      expect(JSON.parse(refusal.body)).toMatchObject({ reason: "ORIGIN_NOT_ALLOWED" });
    }
    for (const origin of ["https://app.example.com", `http://${host}`]) {
      const peer = await openPeer(url, { headers: { origin } });
      peer.socket.terminate();
    }
  });

  test("that ask wrongly, or do not ask", async () => {
    const { host } = await serveChat();
    const plain = await fetch(`http://${host}/v1/talk`);
    expect([plain.status, plain.headers.get("upgrade")]).toEqual([426, "websocket"]);
    const ask = (lines: string): Promise<string> =>
      speak(
        host,
        `GET /v1/talk HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines}\r\n`,
      );
    const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const version = "Sec-WebSocket-Version: 13\r\n";
    expect(await ask(key)).toMatch(/^HTTP\/1.1 426 .*\r\nsec-websocket-version: 13\r\n/is);
    expect(await ask(version)).toMatch(/^HTTP\/1.1 400 /);
    expect(await ask(`${version}Sec-WebSocket-Key: short\r\n`)).toMatch(/^HTTP\/1.1 400 /);
    expect(await ask(`${version}${key}Sec-WebSocket-Protocol: a,,b\r\n`)).toMatch(
      /^HTTP\/1.1 400 /,
    );
  });

  test("whose method does not take them in time", async () => {
    const ended = deferred<unknown>();
    const { host } = await serveChat(
      {
        async count(_lines, ctx) {
          await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
          ended.resolve(ctx.signal.reason);
          return {};
        },
      },
      { webSocket: { handshakeTimeoutMs: 20 } },
    );
    expect(await refusedPeer(`ws://${host}/v1/count`)).toMatchObject({ status: 504 });
    expect(await ended.promise).toMatchObject({ code: 504 });
  });
});

describe("HttpServer with WebSockets", () => {
  test("sends reply headers and the subprotocol with the handshake", async () => {
    const { host } = await serveChat(
      {},
      {
        webSocket: { subprotocols: ["b", "a"] },
        middleware: [
          (next) => (request, ctx) => {
            serverTransport(ctx)?.replyHeader.set("x-served-by", "me");
            return next(request, ctx);
          },
        ],
      },
    );
    const upgraded = deferred<Readonly<Record<string, unknown>>>();
    const headers = { "sec-websocket-protocol": "x, a" };
    const said = speak(
      host,
      `GET /v1/talk HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Protocol: ${headers["sec-websocket-protocol"]}\r\n\r\n`,
      (text) => text.includes("\r\n\r\n"),
    );
    upgraded.resolve({});
    expect(await said).toMatch(/^HTTP\/1.1 101 /);
    expect(await said).toMatch(/\r\nx-served-by: me\r\n/);
    expect(await said).toMatch(/\r\nSec-WebSocket-Protocol: a\r\n/);
  });

  test("answers requests that ask for another protocol as if they had not", async () => {
    const { host } = await serveChat({}, { http2: false });
    const said = await speak(
      host,
      `POST /nowhere HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\nContent-Length: 2\r\n\r\n{}` +
        `GET /v1/lines?text=b HTTP/1.1\r\nHost: ${host}\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n`,
    );
    expect(said).toMatch(/^HTTP\/1.1 40[45] .*HTTP\/1.1 200 .*data: \{"text":"b"\}/s);
  });

  test("hands the connection to a handler of raw exchanges that takes it, or answers as always", async () => {
    const { server, host } = await serveChat();
    server.handle("/raw", ({ upgrade }) => {
      upgrade?.take().end("HTTP/1.1 101 Switching Protocols\r\n\r\nhello");
    });
    server.handle("/plain", (exchange) => exchange.reply({ status: 204 }));
    const ask = (path: string): Promise<string> =>
      speak(
        host,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      );
    expect(await ask("/raw")).toMatch(/^HTTP\/1.1 101 .*hello$/s);
    expect(await ask("/plain")).toMatch(/^HTTP\/1.1 204 .*\r\nConnection: close\r\n/s);
  });

  test("survives peers that vanish while they are being refused", async () => {
    const { host } = await serveChat();
    for (let at = 0; at < 20; at += 1) {
      const socket = dial(host);
      socket.on("error", () => {});
      socket.write(
        `GET /v1/talk HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
        () => socket.resetAndDestroy(),
      );
    }
    const peer = await openPeer(`ws://${host}/v1/talk`);
    peer.socket.send(end);
    expect(await peer.end).toMatchObject({ code: 1000 });
  });

  test("serves no method without a rule", async () => {
    const { server } = await serveChat();
    const paths = server.routes().map(({ method, path }) => `${method} ${path}`);
    expect(paths).not.toContain("GET /chat.v1.Chat/Hidden");
    expect(paths).toContain("GET /v1/talk");
  });
});
