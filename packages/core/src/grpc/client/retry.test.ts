import { frameMessage } from "../../encoding/framing/index.ts";
import {
  constants,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, createServer as createListener, type Socket } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, describe, expect, test } from "vitest";
import { fromError, GrpcCode, type KratosError } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import { type Client, createClient } from "../../rpc/index.ts";
import { GrpcClient } from "../index.ts";
import { Echo, EchoReplySchema } from "../testdata/echo_pb.ts";
import { goAwayAtFirstRequest } from "../testdata/goaway-server.ts";
import { collect, texts } from "../testdata/texts.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

type Answer = (stream: ServerHttp2Stream, body: Buffer) => void;

/** A server that answers by hand: the first stream with the first answer, and so on. */
async function callsTo(...answers: Answer[]): Promise<Client<typeof Echo>> {
  const server: Http2Server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream) => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    const pieces: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.on("end", () => answer?.(stream, Buffer.concat(pieces)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const client = new GrpcClient({
    endpoint: `127.0.0.1:${port}`,
    logger: nopLogger,
    healthCheck: false,
  });
  cleanups.push(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  cleanups.push(() => client.close(AbortSignal.abort()));
  return createClient(Echo, client);
}

function good(stream: ServerHttp2Stream, body: Buffer): void {
  stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  const reply = create(EchoReplySchema, { text: `${body.length} bytes` });
  stream.end(frameMessage(toBinary(EchoReplySchema, reply), false));
}

const refuse: Answer = (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM);
const headers =
  (fields: Record<string, string | number>): Answer =>
  (stream) =>
    stream.respond(fields, { endStream: true });

const failureOf = (call: Promise<unknown>): Promise<KratosError> =>
  call.then(
    () => Promise.reject(new Error("the call should have failed")),
    (error: unknown) => fromError(error),
  );

describe("GrpcClient's transparent retry", () => {
  test("GrpcClient sends a unary request again that the server refused", async () => {
    const calls = await callsTo(refuse, refuse, good);
    expect((await calls.say({ text: "abc" })).text).toBe("10 bytes");
  });

  test("GrpcClient sends the messages of a stream again that the server refused", async () => {
    const calls = await callsTo(refuse, good);
    expect((await calls.gather(texts("a", "bc"))).text).toBe("17 bytes");
    const again = await callsTo(refuse, good);
    expect(await collect(again.chat(texts("a", "bc")))).toEqual(["17 bytes"]);
  });

  test("GrpcClient gives up on a server that refuses always", async () => {
    const calls = await callsTo(refuse);
    expect(await failureOf(calls.say({}))).toMatchObject({ grpcCode: GrpcCode.UNAVAILABLE });
  });

  test("GrpcClient sends a request again that a connection going away did not take", async () => {
    const back = createServer();
    back.on("stream", (stream) => {
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => good(stream, Buffer.concat(pieces)));
    });
    const sockets: Socket[] = [];
    const listener = createListener((socket) => {
      if (sockets.push(socket) === 1) goAwayAtFirstRequest(socket);
      else back.emit("connection", socket);
    });
    await new Promise<void>((resolve) => {
      listener.listen(0, "127.0.0.1", resolve);
    });
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    });
    const { port } = listener.address() as AddressInfo; // it listens on TCP
    const client = new GrpcClient({
      endpoint: `127.0.0.1:${port}`,
      logger: nopLogger,
      healthCheck: false,
    });
    cleanups.push(() => client.close(AbortSignal.abort()));
    expect((await createClient(Echo, client).say({ text: "abc" })).text).toBe("10 bytes");
    expect(sockets).toHaveLength(2);
  });

  test("GrpcClient does not send a request again that may have been processed", async () => {
    let seen = 0;
    const calls = await callsTo((stream) => {
      seen += 1;
      stream.session?.destroy();
    });
    expect((await failureOf(calls.say({}))).grpcCode).toBe(GrpcCode.UNAVAILABLE);
    expect(seen).toBe(1);
  });
});

describe("GrpcClient with answers that are no gRPC", () => {
  const cases: readonly (readonly [string, Answer, keyof typeof GrpcCode])[] = [
    ["HTTP 401", headers({ ":status": 401 }), "UNAUTHENTICATED"],
    ["HTTP 403", headers({ ":status": 403 }), "PERMISSION_DENIED"],
    ["HTTP 404", headers({ ":status": 404 }), "UNIMPLEMENTED"],
    ["HTTP 429", headers({ ":status": 429 }), "UNAVAILABLE"],
    ["HTTP 503", headers({ ":status": 503 }), "UNAVAILABLE"],
    ["HTTP 500", headers({ ":status": 500 }), "UNKNOWN"],
    [
      "HTTP 503 with a grpc-status",
      headers({ ":status": 503, "grpc-status": "9" }),
      "FAILED_PRECONDITION",
    ],
    [
      "a trailers-only answer",
      headers({ "content-type": "application/grpc", "grpc-status": "5", "grpc-message": "a%20b" }),
      "NOT_FOUND",
    ],
    ["no grpc-status", headers({ "content-type": "application/grpc" }), "UNKNOWN"],
    [
      "a grpc-status that is no number",
      headers({ "content-type": "application/grpc", "grpc-status": "bad" }),
      "UNKNOWN",
    ],
    [
      "OK without a message",
      headers({ "content-type": "application/grpc", "grpc-status": "0" }),
      "UNIMPLEMENTED",
    ],
    [
      "a body of HTML",
      (stream) => {
        stream.respond({ "content-type": "text/html" });
        stream.end("<p>");
      },
      "UNKNOWN",
    ],
    [
      "an end without trailers",
      (stream) => {
        stream.respond({ "content-type": "application/grpc" });
        stream.end(frameMessage(new Uint8Array(), false));
      },
      "INTERNAL",
    ],
    [
      "an unknown encoding",
      (stream) => {
        stream.respond({ "content-type": "application/grpc", "grpc-encoding": "snappy" });
        stream.end();
      },
      "INTERNAL",
    ],
    [
      "a truncated message",
      (stream) => {
        stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.end(Buffer.from([0, 0, 0]));
      },
      "INTERNAL",
    ],
    ["a reset with CANCEL", (stream) => stream.close(constants.NGHTTP2_CANCEL), "CANCELLED"],
    [
      "a reset with ENHANCE_YOUR_CALM",
      (stream) => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM),
      "RESOURCE_EXHAUSTED",
    ],
    [
      "a reset with INTERNAL_ERROR",
      (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
      "INTERNAL",
    ],
  ];
  for (const [name, answer, code] of cases) {
    test(`GrpcClient reports ${name} as ${code}, in a unary call and in a stream`, async () => {
      const calls = await callsTo(answer);
      expect(await failureOf(calls.say({}))).toMatchObject({ grpcCode: GrpcCode[code] });
      expect(await failureOf(calls.gather(texts("a")))).toMatchObject({ grpcCode: GrpcCode[code] });
    });
  }
});
