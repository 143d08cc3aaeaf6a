import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateSync,
  gunzipSync,
  gzipSync,
} from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { replyTrailer, serverTransport } from "../../transport/index.ts";
import type { InjectedReply } from "../index.ts";
import { words } from "../testdata/envelopes.ts";
import { stopTalkServers, talkServer } from "../testdata/talk-service.ts";

afterEach(stopTalkServers);

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

function say(
  server: ReturnType<typeof talkServer>,
  { method = "Say", headers, body = "{}" }: Asked = {},
): Promise<InjectedReply> {
  return server.inject({
    method: "POST",
    path: `/talk.v1.Talk/${method}`,
    headers: {
      "content-type": "application/json",
      "connect-protocol-version": "1",
      ...headers,
    },
    body,
  });
}

const get = (query: Record<string, string>): string =>
  `/talk.v1.Talk/Recall?${new URLSearchParams(query).toString()}`;

test.each([
  ["gzip", gzipSync],
  ["br", brotliCompressSync],
  ["deflate", deflateSync],
] as const)("a Connect request may be packed by %s", async (encoding, pack) => {
  const reply = await say(talkServer(), {
    headers: { "content-encoding": encoding },
    body: pack('{"text":"small"}'),
  });
  expect(reply.json()).toMatchObject({ text: "small" });
});

test.each([
  ["gzip", gunzipSync],
  ["br", brotliDecompressSync],
] as const)("a large Connect reply is packed by %s where it is read", async (encoding, unpack) => {
  const server = talkServer();
  const headers = { "accept-encoding": `zstd, ${encoding}` };
  const large = await say(server, { headers, body: '{"text":"abcd","count":1000}' });
  expect(large.headers["content-encoding"]).toBe(encoding);
  expect(JSON.parse(unpack(large.body).toString())).toMatchObject({ text: "abcd".repeat(1000) });
  const small = await say(server, { headers, body: '{"text":"abcd"}' });
  expect(small.headers["content-encoding"]).toBeUndefined();
  const refused = await say(server, {
    headers: { "accept-encoding": `${encoding};q=0` },
    body: '{"text":"abcd","count":1000}',
  });
  expect(refused.headers["content-encoding"]).toBeUndefined();
});

test.each([
  [
    "a zip bomb",
    { "content-encoding": "gzip" },
    gzipSync(Buffer.alloc(10_000_000)),
    "resource_exhausted",
    429,
  ],
  ["a body over the limit", {}, Buffer.alloc(5000, 32), "resource_exhausted", 429],
  ["no gzip", { "content-encoding": "gzip" }, Buffer.from("garbage"), "internal", 500],
  ["in an unknown coding", { "content-encoding": "lzma" }, Buffer.from("{}"), "unimplemented", 501],
  ["no message", {}, Buffer.from('{"text":'), "invalid_argument", 400],
  [
    "no protobuf",
    { "content-type": "application/proto" },
    Buffer.from("\x0a\x7f"),
    "invalid_argument",
    400,
  ],
  [
    "of another version",
    { "connect-protocol-version": "2" },
    Buffer.from("{}"),
    "invalid_argument",
    400,
  ],
  [
    "without a readable timeout",
    { "connect-timeout-ms": "soon" },
    Buffer.from("{}"),
    "invalid_argument",
    400,
  ],
  [
    "with a timeout that is too long",
    { "connect-timeout-ms": "12345678901" },
    Buffer.from("{}"),
    "invalid_argument",
    400,
  ],
] as const)("a Connect request that is %s is refused", async (_, headers, body, code, status) => {
  const reply = await say(talkServer({ maxBodyBytes: 4096 }), { headers: { ...headers }, body });
  expect([reply.json(), reply.status]).toEqual([expect.objectContaining({ code }), status]);
});

test("Connect-Timeout-Ms is the deadline where the server's own is later", async () => {
  const server = talkServer(
    { timeoutMs: 60_000 },
    { say: (_, ctx) => ({ text: String((ctx.deadline ?? 0) - Date.now() <= 5000) }) },
  );
  const reply = await say(server, { headers: { "connect-timeout-ms": "5000" } });
  expect(reply.json()).toMatchObject({ text: "true" });
});

test("a Connect call that runs out of time is answered and its context ended", async () => {
  let ended: unknown;
  const server = talkServer(
    { timeoutMs: 0 },
    {
      say: (_, ctx) =>
        new Promise((_resolve, reject) => {
          ctx.signal.addEventListener("abort", () => {
            ended = ctx.signal.reason;
            reject(ctx.signal.reason);
          });
        }),
    },
  );
  const reply = await say(server, { headers: { "connect-timeout-ms": "20" } });
  expect(reply.status).toBe(504);
  expect(reply.json()).toEqual({ code: "deadline_exceeded", message: expect.any(String) });
  expect(ended).toMatchObject({ name: "TimeoutError" });
  const none = await say(server, { headers: { "connect-timeout-ms": "0" } });
  expect(none.status).toBe(504);
});

test("trailers of a Connect call are headers with a prefix, in errors as well", async () => {
  const server = talkServer(
    {},
    {
      say({ text }, ctx) {
        serverTransport(ctx)?.replyHeader.set("x-first", "1");
        replyTrailer(ctx)?.add("x-last", "2");
        if (text === "fail") throw new Error("no");
        return {};
      },
    },
  );
  for (const [body, status] of [
    ["{}", 200],
    ['{"text":"fail"}', 500],
  ] as const) {
    const reply = await say(server, { body });
    expect([reply.status, reply.headers["x-first"], reply.headers["trailer-x-last"]]).toEqual([
      status,
      "1",
      "2",
    ]);
  }
});

test("a trailer that could end a header line fails the call and is not sent", async () => {
  const server = talkServer(
    {},
    {
      say(_, ctx) {
        replyTrailer(ctx)?.set("x-last", "a\r\nSet-Cookie: b");
        return {};
      },
    },
  );
  const reply = await say(server);
  expect([reply.status, reply.headers["set-cookie"]]).toEqual([500, undefined]);
});

test.each([
  ["as it is", { encoding: "json", message: '{"text":"a b"}' }],
  [
    "in base64",
    { encoding: "proto", base64: "1", message: Buffer.from(words("a b")).toString("base64url") },
  ],
  [
    "in padded base64, packed",
    {
      encoding: "proto",
      base64: "1",
      compression: "gzip",
      message: gzipSync(words("a b")).toString("base64"),
    },
  ],
])("a Connect GET has its message in the query %s", async (_, query) => {
  const reply = await talkServer().inject({ path: get({ connect: "v1", ...query }) });
  expect([reply.status, reply.headers["vary"]]).toEqual([200, "Accept-Encoding"]);
  expect(reply.headers["content-type"]).toBe(`application/${query.encoding}`);
  expect(reply.text()).toContain("recalled a b");
});

test.each([
  ["has no message", { encoding: "json" }, "invalid_argument"],
  ["has no encoding", { message: "{}" }, "invalid_argument"],
  ["is of another version", { connect: "v2", encoding: "json", message: "{}" }, "invalid_argument"],
  [
    "has a message that is no base64",
    { encoding: "json", base64: "1", message: "*" },
    "invalid_argument",
  ],
  [
    "has a compression nobody knows",
    { encoding: "json", compression: "lzma", message: "{}" },
    "unimplemented",
  ],
  ["is over the limit", { encoding: "json", message: " ".repeat(100) }, "resource_exhausted"],
])("a Connect GET that %s is refused", async (_, query, code) => {
  const reply = await talkServer({ maxBodyBytes: 64 }).inject({ path: get(query) });
  expect(reply.json()).toMatchObject({ code });
});

test("a Connect GET in an unknown encoding is a 415", async () => {
  const reply = await talkServer().inject({ path: get({ encoding: "yaml", message: "a" }) });
  expect(reply.status).toBe(415);
});
