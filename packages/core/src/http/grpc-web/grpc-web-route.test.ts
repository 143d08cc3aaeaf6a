import { connect } from "node:http2";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { replyTrailer, serverTransport } from "../../transport/index.ts";
import type { HttpServer, InjectedReply } from "../index.ts";
import {
  envelopes,
  framesOf,
  jsonTextOf,
  payloadText,
  textOf,
  words,
} from "../testdata/envelopes.ts";
import { stopTalkServers, talkServer } from "../testdata/talk-service.ts";

afterEach(stopTalkServers);

function call(
  server: HttpServer,
  method: string,
  {
    body,
    headers,
  }: { readonly body: Uint8Array | string; readonly headers?: Record<string, string> },
): Promise<InjectedReply> {
  return server.inject({
    method: "POST",
    path: `/talk.v1.Talk/${method}`,
    headers: { "content-type": "application/grpc-web", ...headers },
    body,
  });
}

/** The payloads of a body and its trailers. */
function told(body: Uint8Array): { readonly payloads: Uint8Array[]; readonly trailers: string } {
  const frames = framesOf(body);
  expect(frames.at(-1)?.flags).toBe(128);
  return {
    payloads: frames.slice(0, -1).map(({ payload }) => payload),
    trailers: payloadText(frames.at(-1)),
  };
}

test.each([
  ["Say", "Say", "a"],
  ["Repeat", "Repeat", "a"],
  ["Gather", "Gather", "a"],
  ["Chat", "Chat", "re: a"],
])("gRPC-Web calls methods of every kind: %s", async (_, method, text) => {
  const reply = await call(talkServer(), method, { body: envelopes([0, words("a", 1)]) });
  expect(reply.status).toBe(200);
  expect(reply.headers["content-type"]).toBe("application/grpc-web+proto");
  const { payloads, trailers } = told(reply.body);
  expect(payloads.map(textOf)).toEqual([text]);
  expect(trailers).toBe("grpc-status: 0\r\n");
});

test("gRPC-Web may be in JSON", async () => {
  const headers = { "content-type": "application/grpc-web+json; charset=utf-8" };
  const reply = await call(talkServer(), "Say", { body: envelopes([0, '{"text":"a"}']), headers });
  expect(reply.headers["content-type"]).toBe("application/grpc-web+json");
  expect(told(reply.body).payloads.map(jsonTextOf)).toEqual(["a"]);
});

test("gRPC-Web may be text, in one piece of base64 or in several", async () => {
  const headers = { "content-type": "application/grpc-web-text" };
  const whole = envelopes([0, words("abcde")], [0, words("b")]);
  const pieces = [1, 5, 8, 19, whole.length].map((end, at, ends) =>
    whole.subarray(at === 0 ? 0 : ends[at - 1], end).toString("base64"),
  );
  for (const body of [whole.toString("base64"), pieces.join("")]) {
    const reply = await call(talkServer(), "Gather", { body, headers });
    expect(reply.headers["content-type"]).toBe("application/grpc-web-text+proto");
    const { payloads } = told(Buffer.from(reply.text(), "base64"));
    expect(payloads.map(textOf)).toEqual(["abcde b"]);
  }
});

test.each(["A", "AAA*", "====", "AA=A"])("a gRPC-Web text of %j is refused", async (body) => {
  const headers = { "content-type": "application/grpc-web-text" };
  const reply = await call(talkServer(), "Gather", { body, headers });
  expect(reply.headers["grpc-status"]).toBe("3");
});

const bomb = gzipSync(Buffer.alloc(10_000_000));

test.each([
  ["an unknown flag", envelopes([4, words("a")]), {}, "13"],
  ["a message that is cut", envelopes([0, words("abc")]).subarray(0, 7), {}, "3"],
  ["a message over the limit", envelopes([0, Buffer.alloc(5000)]), {}, "8"],
  ["a zip bomb", envelopes([1, bomb]), { "grpc-encoding": "gzip" }, "8"],
  ["a packed message without a compression", envelopes([1, "abc"]), {}, "13"],
  ["an unknown compression", envelopes(), { "grpc-encoding": "lzma" }, "12"],
  ["a timeout that is none", envelopes(), { "grpc-timeout": "soon" }, "13"],
  ["no message", envelopes(), {}, "12"],
])("a gRPC-Web call with %s ends with its status in the headers", async (_, body, more, status) => {
  const reply = await call(talkServer({ maxBodyBytes: 4096 }), "Say", {
    body,
    headers: { ...more },
  });
  expect([reply.status, reply.headers["grpc-status"], reply.body.length]).toEqual([200, status, 0]);
});

test("metadata of a gRPC-Web call is in the headers, trailers are in the body", async () => {
  const server = talkServer(
    {},
    {
      say(_, ctx) {
        const sent = serverTransport(ctx)?.requestHeader.get("x-data-bin") ?? "";
        serverTransport(ctx)?.replyHeader.set("x-data-bin", sent);
        replyTrailer(ctx)?.set("x-last", "ü");
        replyTrailer(ctx)?.set("grpc-status", "0");
        throw new Error("no");
      },
    },
  );
  const headers = { "x-data-bin": "AAEC" };
  const reply = await call(server, "Say", { body: envelopes([0, words("a")]), headers });
  expect([reply.headers["x-data-bin"], reply.headers["grpc-status"]]).toEqual(["AAEC", undefined]);
  const { trailers } = told(reply.body);
  expect(trailers.split("\r\n")).toEqual([
    "grpc-status: 2",
    "grpc-message: no",
    "x-last: \ufffd",
    "",
  ]);
});

test("a large gRPC-Web reply is packed where it is read", async () => {
  const text = "a".repeat(2000);
  const headers = { "grpc-accept-encoding": "identity,gzip" };
  const reply = await call(talkServer(), "Say", { body: envelopes([0, words(text)]), headers });
  expect(reply.headers["grpc-encoding"]).toBe("gzip");
  const [first] = framesOf(reply.body);
  expect(first?.compressed).toBe(true);
  expect(textOf(gunzipSync(first?.payload ?? new Uint8Array()))).toBe(text);
});

test("a gRPC-Web call ends at its grpc-timeout", async () => {
  const server = talkServer({ timeoutMs: 0 }, { say: () => new Promise(() => {}) });
  const headers = { "grpc-timeout": "20m" };
  const reply = await call(server, "Say", { body: envelopes([0, words("a")]), headers });
  expect(reply.headers["grpc-status"]).toBe("4");
});

test("gRPC-Web in text is streamed over HTTP/2 as well", async () => {
  const server = talkServer();
  await server.start();
  const client = connect((await server.endpoint()).origin);
  const stream = client.request({
    ":method": "POST",
    ":path": "/talk.v1.Talk/Repeat",
    "content-type": "application/grpc-web-text",
  });
  stream.end(envelopes([0, words("a", 3)]).toString("base64"));
  let text = "";
  for await (const part of stream.setEncoding("latin1")) text += String(part);
  // Each envelope is padded on its own.
  const body = Buffer.concat(
    (text.match(/[^=]+=*/g) ?? []).map((part) => Buffer.from(part, "base64")),
  );
  const { payloads, trailers } = told(body);
  expect(payloads.map(textOf)).toEqual(["a", "a", "a"]);
  expect(trailers).toBe("grpc-status: 0\r\n");
  client.close();
});
