import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as sendRequest } from "node:http";
import { connect as connectHttp2, constants } from "node:http2";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { notFound } from "../../errors/index.ts";
import { replyTrailer } from "../../transport/index.ts";
import type { HttpServer, InjectedReply } from "../index.ts";
import { envelopes, framesOf, payloadText, textOf, words } from "../testdata/envelopes.ts";
import { deferred } from "../testdata/serve.ts";
import { stopTalkServers, talkServer } from "../testdata/talk-service.ts";

afterEach(stopTalkServers);

const headers = { "content-type": "application/connect+proto" };

function call(
  server: HttpServer,
  method: string,
  body: Uint8Array,
  further: Readonly<Record<string, string>> = {},
): Promise<InjectedReply> {
  return server.inject({
    method: "POST",
    path: `/talk.v1.Talk/${method}`,
    headers: { ...headers, ...further },
    body,
  });
}

/** The texts of a stream and its end. */
function told({ body }: InjectedReply): { readonly texts: string[]; readonly end: unknown } {
  const frames = framesOf(body);
  const last = frames.at(-1);
  expect(last?.flags).toBe(2);
  return {
    texts: frames.slice(0, -1).map(({ payload }) => textOf(payload)),
    end: JSON.parse(payloadText(last)),
  };
}

test("a Connect stream has its messages and then its end", async () => {
  const server = talkServer();
  const repeated = await call(server, "Repeat", envelopes([0, words("a", 3)]));
  expect(repeated.headers["content-type"]).toBe("application/connect+proto");
  expect(told(repeated)).toEqual({ texts: ["a", "a", "a"], end: {} });
  const requests = envelopes([0, words("a")], [0, words("b")]);
  expect(told(await call(server, "Gather", requests))).toEqual({ texts: ["a b"], end: {} });
  expect(told(await call(server, "Chat", requests))).toEqual({
    texts: ["re: a", "re: b"],
    end: {},
  });
});

test("a Connect stream that fails says so in its end, after what came before", async () => {
  const server = talkServer(
    {},
    {
      async *repeat(_, ctx) {
        replyTrailer(ctx)?.set("x-last", "1");
        yield { text: "a" };
        throw notFound("GONE", "no more");
      },
    },
  );
  const reply = await call(server, "Repeat", envelopes([0, words("a")]));
  expect(reply.status).toBe(200);
  expect(told(reply)).toEqual({
    texts: ["a"],
    end: {
      error: expect.objectContaining({ code: "not_found", message: "no more" }),
      metadata: { "x-last": ["1"] },
    },
  });
});

test("a Connect stream is told that its server ends before it is cut", async () => {
  const waiting = deferred<void>();
  const server = talkServer(
    {},
    {
      async *repeat() {
        yield { text: "a" };
        waiting.resolve();
        await new Promise(() => {});
      },
    },
  );
  const replying = call(server, "Repeat", envelopes([0, words("a")]));
  await waiting.promise;
  await server.stop(AbortSignal.abort());
  expect(told(await replying)).toEqual({
    texts: ["a"],
    end: { error: expect.objectContaining({ code: "unavailable" }) },
  });
});

test("messages of a Connect stream may be packed, both ways", async () => {
  const packed = envelopes([1, gzipSync(words("a".repeat(2000)))], [0, words("b")]);
  const reply = await call(talkServer(), "Chat", packed, {
    "connect-content-encoding": "gzip",
    "connect-accept-encoding": "br",
  });
  expect(reply.headers["connect-content-encoding"]).toBe("br");
  expect(framesOf(reply.body).map(({ flags }) => flags)).toEqual([1, 0, 2]);
});

const bomb = gzipSync(Buffer.alloc(10_000_000));

test.each([
  ["an unknown flag", envelopes([8, words("a")]), {}, "internal"],
  ["an end, which is the server's to send", envelopes([2, "{}"]), {}, "internal"],
  ["a prefix that is cut", Buffer.from([0, 0]), {}, "invalid_argument"],
  ["a message that is cut", envelopes([0, words("abc")]).subarray(0, 7), {}, "invalid_argument"],
  ["a message that is none", envelopes([0, "\x0a\x7f"]), {}, "invalid_argument"],
  ["a message over the limit", envelopes([0, Buffer.alloc(5000)]), {}, "resource_exhausted"],
  ["a length over the limit", Buffer.from([0, 255, 255, 255, 255, 1]), {}, "resource_exhausted"],
  [
    "a zip bomb",
    envelopes([1, bomb]),
    { "connect-content-encoding": "gzip" },
    "resource_exhausted",
  ],
  ["a packed message without a compression", envelopes([1, bomb.subarray(0, 99)]), {}, "internal"],
  ["an unknown compression", envelopes(), { "connect-content-encoding": "lzma" }, "unimplemented"],
  ["a timeout that is none", envelopes(), { "connect-timeout-ms": "-1" }, "invalid_argument"],
])("a Connect stream with %s ends with its error", async (_, body, further, code) => {
  const reply = await call(talkServer({ maxBodyBytes: 16_384 / 4 }), "Gather", body, {
    ...further,
  });
  expect(reply.status).toBe(200);
  expect(told(reply)).toMatchObject({ texts: [], end: { error: { code } } });
});

test.each([
  ["none", envelopes()],
  ["more", envelopes([0, words("a")], [0, words("b")])],
])("a Connect request that must have one message is refused with %s", async (_, body) => {
  const { end } = told(await call(talkServer(), "Repeat", body));
  expect(end).toMatchObject({ error: { code: "unimplemented" } });
});

test("a Connect stream ends at its deadline, and so do both of its sides", async () => {
  const left = deferred<string>();
  const server = talkServer(
    {},
    {
      async *chat(requests) {
        try {
          yield { text: "first" };
          for await (const request of requests) yield request;
        } finally {
          left.resolve("left");
        }
      },
    },
  );
  const { answer, request } = await open(server, { "connect-timeout-ms": "40" });
  expect(
    framesOf(await bodyOf(answer))
      .map(payloadText)
      .at(-1),
  ).toContain("deadline_exceeded");
  expect(await left.promise).toBe("left");
  request.destroy();
});

test("a peer that leaves a Connect stream ends its context and its requests", async () => {
  const reason = deferred<unknown>();
  const read = deferred<unknown>();
  const server = talkServer(
    {},
    {
      async *chat(requests, ctx) {
        ctx.signal.addEventListener("abort", () => reason.resolve(ctx.signal.reason));
        yield { text: "first" };
        try {
          for await (const { text } of requests) yield { text };
          read.resolve("ended");
        } catch (error) {
          read.resolve(error);
          throw error;
        }
      },
    },
  );
  const { answer, request } = await open(server, {});
  await once(answer, "data");
  request.destroy();
  expect(await reason.promise).toMatchObject({ name: "AbortError" });
  expect(await read.promise).toBeInstanceOf(Error);
});

test("a peer that leaves a Connect stream over HTTP/2 ends its context", async () => {
  const reason = deferred<unknown>();
  const server = talkServer(
    {},
    {
      async *chat(requests, ctx) {
        ctx.signal.addEventListener("abort", () => reason.resolve(ctx.signal.reason));
        yield* requests;
      },
    },
  );
  await server.start();
  const client = connectHttp2((await server.endpoint()).origin);
  const stream = client.request({ ":method": "POST", ":path": "/talk.v1.Talk/Chat", ...headers });
  stream.on("error", () => {});
  stream.write(envelopes([0, words("a")]));
  await once(stream, "data");
  stream.close(constants.NGHTTP2_CANCEL);
  expect(await reason.promise).toMatchObject({ name: "AbortError" });
  client.close();
});

test("a Connect stream is written no faster than the peer reads", async () => {
  let made = 0;
  const stopped = deferred<string>();
  const text = "a".repeat(65_536);
  const server = talkServer(
    {},
    {
      async *repeat() {
        try {
          for (; made < 2000; made += 1) yield { text };
        } finally {
          stopped.resolve("stopped");
        }
      },
    },
  );
  await server.start();
  const { origin } = await server.endpoint();
  const request = sendRequest(`${origin}/talk.v1.Talk/Repeat`, { method: "POST", headers });
  request.on("error", () => {});
  request.end(envelopes([0, words("a")]));
  const [answer] = (await once(request, "response")) as [IncomingMessage]; // of a ClientRequest
  await once(answer, "readable");
  request.destroy();
  expect(await stopped.promise).toBe("stopped");
  expect(made).toBeLessThan(2000);
});

test("a Connect stream over HTTP/2 answers each message before the next is sent", async () => {
  const server = talkServer();
  await server.start();
  const client = connectHttp2((await server.endpoint()).origin);
  const stream = client.request({ ":method": "POST", ":path": "/talk.v1.Talk/Chat", ...headers });
  for (const text of ["a", "b"]) {
    stream.write(envelopes([0, words(text)]));
    const [part] = (await once(stream, "data")) as [Buffer]; // one envelope in one frame
    expect(framesOf(part).map(({ payload }) => textOf(payload))).toEqual([`re: ${text}`]);
  }
  stream.end();
  const [end] = (await once(stream, "data")) as [Buffer]; // as above
  expect(framesOf(end).map(payloadText)).toEqual(["{}"]);
  client.close();
});

test("a Connect stream over HTTP/1.1 outlives the time a request may take", async () => {
  const server = talkServer(
    { headersTimeoutMs: 50, requestTimeoutMs: 50 },
    {
      async *chat(requests) {
        yield { text: "first" };
        for await (const { text } of requests) yield { text };
      },
    },
  );
  const { answer, request } = await open(server, {});
  await once(answer, "data");
  // A body that is no stream, begun later, has to go first.
  const slow = sendRequest(new URL(`${(await server.endpoint()).origin}/talk.v1.Talk/Say`), {
    method: "POST",
    headers: { "content-type": "application/json", "content-length": "10" },
  });
  slow.flushHeaders();
  const [cut] = (await once(slow, "response")) as [IncomingMessage]; // of a ClientRequest
  expect(cut.statusCode).toBe(408);
  request.end(envelopes([0, words("still here")]));
  expect(
    framesOf(await bodyOf(answer))
      .map(payloadText)
      .at(-1),
  ).toBe("{}");
});

test("a Connect stream over HTTP/2 outlives the time a request may take", async () => {
  const server = talkServer({ requestTimeoutMs: 50 });
  await server.start();
  const client = connectHttp2((await server.endpoint()).origin);
  const chat = client.request({ ":method": "POST", ":path": "/talk.v1.Talk/Chat", ...headers });
  chat.write(envelopes([0, words("a")]));
  await once(chat, "data");
  const slow = client.request({
    ":method": "POST",
    ":path": "/talk.v1.Talk/Say",
    "content-type": "application/json",
  });
  slow.write("{");
  const [head] = (await once(slow, "response")) as [{ readonly ":status"?: number }]; // of a ClientHttp2Stream
  expect(head[":status"]).toBe(408);
  chat.end(envelopes([0, words("b")]));
  expect(payloadText(framesOf(await bodyOf(chat)).at(-1))).toBe("{}");
  client.close();
});

/** Begins a chat whose requests do not end. */
async function open(
  server: HttpServer,
  further: Readonly<Record<string, string>>,
): Promise<{ readonly request: ClientRequest; readonly answer: IncomingMessage }> {
  await server.start();
  const { origin } = await server.endpoint();
  const request = sendRequest(`${origin}/talk.v1.Talk/Chat`, {
    method: "POST",
    headers: { ...headers, ...further },
  });
  request.on("error", () => {});
  request.flushHeaders();
  const [answer] = (await once(request, "response")) as [IncomingMessage]; // of a ClientRequest
  return { request, answer };
}

async function bodyOf(answer: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer); // no encoding is set
  return Buffer.concat(parts);
}
