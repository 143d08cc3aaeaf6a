import { afterEach, expect, test } from "vitest";
import { unauthorized } from "../../errors/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import { serverTransport } from "../../transport/index.ts";
import type { Filter, InjectedRequest } from "../index.ts";
import { envelopes, framesOf, payloadText, textOf, words } from "../testdata/envelopes.ts";
import { libraryServer, stopServers } from "../testdata/serve.ts";
import { stopTalkServers, talkServer } from "../testdata/talk-service.ts";

afterEach(() => Promise.all([stopServers(), stopTalkServers()]));

const say = "/talk.v1.Talk/Say";
const post = (path: string, contentType: string, body: Uint8Array | string): InjectedRequest => ({
  method: "POST",
  path,
  headers: { "content-type": contentType },
  body,
});
const connect = (path: string, body: string): InjectedRequest => ({
  method: "POST",
  path,
  headers: { "content-type": "application/json", "connect-protocol-version": "1" },
  body,
});
const grpcWeb = (path: string, ...texts: string[]): InjectedRequest =>
  post(
    path,
    "application/grpc-web+proto",
    envelopes(...texts.map((text) => [0, words(text)] as const)),
  );

test("an RPC path is answered in the protocol it is asked in", async () => {
  const server = talkServer();
  const plain = await server.inject(post(say, "application/json", '{"text":"a"}'));
  expect(plain.json()).toEqual({ text: "a", count: 0 });
  const unary = await server.inject(connect(say, '{"text":"b"}'));
  expect(unary.json()).toEqual({ text: "b", count: 0 });
  const byQuery = await server.inject(
    post(`${say}?connect=v1`, "application/proto", words("missing")),
  );
  expect(byQuery.json()).toMatchObject({ code: "not_found" });
  const web = framesOf((await server.inject(grpcWeb(say, "c"))).body);
  expect(textOf(web[0]?.payload ?? new Uint8Array())).toBe("c");
  expect(payloadText(web[1])).toBe("grpc-status: 0\r\n");
});

test("an error has the same reason and metadata in every protocol", async () => {
  const server = talkServer();
  const plain = await server.inject(post(say, "application/json", '{"text":"missing"}'));
  expect(plain.status).toBe(404);
  expect(plain.json()).toEqual({
    code: 404,
    reason: "TEXT_NOT_FOUND",
    message: "no such text",
    metadata: { text: "missing" },
  });
  const unary = await server.inject(connect(say, '{"text":"missing"}'));
  expect(unary.status).toBe(404);
  expect(unary.headers["content-type"]).toBe("application/json");
  expect(unary.json()).toEqual({
    code: "not_found",
    message: "no such text",
    details: [
      {
        type: "google.rpc.ErrorInfo",
        value: expect.any(String),
        debug: { reason: "TEXT_NOT_FOUND", metadata: { text: "missing" } },
      },
    ],
  });
  const web = await server.inject(grpcWeb(say, "missing"));
  expect(web.status).toBe(200);
  expect(web.headers).toMatchObject({
    "grpc-status": "5",
    "grpc-message": "no such text",
    "grpc-status-details-bin": expect.any(String),
  });
  expect(web.body).toHaveLength(0);
});

test("middlewares run once a call whatever its protocol", async () => {
  const seen: (string | undefined)[] = [];
  const middleware: Middleware = (next) => (request, ctx) => {
    seen.push(serverTransport(ctx)?.operation);
    return next(request, ctx);
  };
  const server = talkServer({ middleware: [middleware] });
  await server.inject(post(say, "application/json", "{}"));
  await server.inject(connect(say, "{}"));
  await server.inject(grpcWeb(say, "a"));
  await server.inject(post("/talk.v1.Talk/Chat", "application/connect+proto", envelopes()));
  expect(seen).toEqual([say, say, say, "/talk.v1.Talk/Chat"]);
});

test("a path that no method has is a bare 404 to the RPC protocols", async () => {
  const server = talkServer();
  const unary = await server.inject(connect("/talk.v1.Talk/Nothing", "{}"));
  expect([unary.status, unary.body.length]).toEqual([404, 0]);
  const web = await server.inject(grpcWeb("/talk.v1.Nobody/Say", "a"));
  expect([web.status, web.body.length]).toEqual([404, 0]);
  const verb = await server.inject({ ...connect(say, "{}"), method: "PUT" });
  expect([verb.status, verb.headers["allow"]]).toEqual([405, "POST"]);
  const plain = await server.inject(post("/talk.v1.Talk/Nothing", "application/json", "{}"));
  expect(plain.json()).toMatchObject({ reason: "NOT_FOUND" });
});

test.each([
  ["no codec", post(say, "image/jpeg", "x"), "application/json"],
  ["no codec of Connect", connect(say, "x"), "application/proto"],
  ["a stream of a unary method", post(say, "application/connect+json", ""), "application/json"],
  ["no codec of gRPC-Web", post(say, "application/grpc-web+yaml", ""), "application/grpc-web+json"],
  [
    "no stream of a streaming method",
    connect("/talk.v1.Talk/Repeat", "{}"),
    "application/connect+json",
  ],
])(
  "a content type that is %s is a 415 which says what is read",
  async (name, request, accepted) => {
    const headers =
      name === "no codec of Connect"
        ? { ...request.headers, "content-type": "application/yaml" }
        : request.headers;
    const reply = await talkServer().inject({ ...request, ...(headers && { headers }) });
    expect(reply.status).toBe(415);
    expect(reply.headers["accept-post"]?.split(", ")).toContain(accepted);
  },
);

test("a stream of requests without envelopes is a 415 with a reason", async () => {
  const reply = await talkServer().inject(post("/talk.v1.Talk/Gather", "application/json", "{}"));
  expect(reply.status).toBe(415);
  expect(reply.json()).toMatchObject({ reason: "CODEC" });
});

test("errors of filters reach each peer in its protocol", async () => {
  const refuse: Filter = () => () => {
    throw unauthorized("NO_TOKEN", "who are you");
  };
  const server = talkServer({ filters: [refuse] });
  const unary = await server.inject(connect(say, "{}"));
  expect([unary.status, unary.json()]).toEqual([
    401,
    expect.objectContaining({ code: "unauthenticated" }),
  ]);
  const web = await server.inject(grpcWeb(say, "a"));
  expect(web.headers["grpc-status"]).toBe("16");
  const stream = await server.inject(post(say, "application/connect+proto", envelopes()));
  expect(JSON.parse(payloadText(framesOf(stream.body)[0]))).toMatchObject({
    error: { code: "unauthenticated", message: "who are you" },
  });
  const plain = await server.inject(post(say, "application/json", "{}"));
  expect(plain.json()).toMatchObject({ code: 401, reason: "NO_TOKEN" });
});

test("a path prefix holds for the RPC protocols too", async () => {
  const server = talkServer({ pathPrefix: "/api" });
  expect((await server.inject(connect(`/api${say}`, '{"text":"a"}'))).status).toBe(200);
  expect((await server.inject(connect(say, "{}"))).status).toBe(404);
});

test("a GET at the RPC path is there for methods without side effects alone", async () => {
  const at = talkServer()
    .routes()
    .filter(({ method }) => method === "GET");
  expect(at).toEqual([{ method: "GET", path: "/talk.v1.Talk/Recall" }]);
});

test("a method with a rule is answered by Connect at its RPC path", async () => {
  const reply = await libraryServer().inject(
    connect("/library.v1.Library/GetBook", '{"id":"404"}'),
  );
  expect([reply.status, reply.json()]).toEqual([
    404,
    expect.objectContaining({ code: "not_found" }),
  ]);
});
