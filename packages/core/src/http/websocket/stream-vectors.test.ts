import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { createContextKey } from "../../context/index.ts";
import { defaultCodecs } from "../../encoding/defaults/index.ts";
import { fromError, KratosError } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import { createClient } from "../../rpc/index.ts";
import { wrrSelector } from "../../selector/wrr/index.ts";
import { HttpClient, type HttpClientOptions, HttpServer } from "../index.ts";
import { Chat, Rooms, Wrong } from "../testdata/chat_pb.js";
import { serveChat, stopChats } from "../testdata/chat-service.ts";
import { deferred, libraryServer, stopServers } from "../testdata/serve.ts";
import { openPeer } from "../testdata/web-socket-peer.ts";
import { dialWebSocket } from "./dial-web-socket.ts";
import { MessageSocket } from "./message-socket.ts";
import { streamCodecs } from "./stream-codec.ts";
import { HeaderMap } from "../../transport/index.ts";

interface Case {
  readonly name: string;
  readonly input: {
    readonly op: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly error: {
      readonly code: number;
      readonly reason: string;
      readonly message: string;
    } | null;
    readonly clientCall?: string;
    readonly clientCalls?: readonly string[];
    readonly serverClose?: { readonly error: string | null };
    readonly clientReceives?: { readonly text?: string; readonly close?: number };
    readonly url?: string;
    readonly bodyField?: string;
    readonly frame: string;
    readonly serverTimeoutMs: number;
    readonly waitMs: number;
    readonly values: Readonly<Record<string, string>>;
  };
  readonly expected: Readonly<Record<string, unknown>>;
}

const { cases } = JSON.parse(
  readFileSync(new URL("../testdata/sse-websocket.json", import.meta.url), "utf8"),
) as { readonly cases: readonly Case[] }; // the file's own form

const closing: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await stopChats();
  await stopServers();
});

/** What a case gives, in the form of what it expects. */
type Run = (input: Case["input"]) => Promise<unknown>;

const runs: Readonly<Record<string, Run>> = {
  sseClose: async ({ error }) => {
    const server = libraryServer(
      {},
      {
        async *watchBooks() {
          yield* [];
          if (error !== null) throw new KratosError(error.message, error);
        },
      },
    );
    const { status, headers, body } = await server.inject({ path: "/v1/watch" });
    if (error !== null) return { returnedToErrorEncoder: status === error.code };
    return { httpStatus: status, contentType: headers["content-type"] ?? null, body: String(body) };
  },
  streamCodec: async ({ headers }) => {
    const { encoder, decoder } = streamCodecs(Object.entries(headers).flat(), defaultCodecs());
    return { encoder: encoder.name, decoder: decoder.name };
  },
  streamContext: async ({ serverTimeoutMs, waitMs, values }) => {
    const trace = createContextKey("trace", "");
    const seen = deferred<unknown>();
    const { host } = await serveChat(
      {
        async count(_lines, ctx) {
          await new Promise((resolve) => setTimeout(resolve, waitMs));
          const { deadline = null, signal } = ctx;
          seen.resolve({ deadline, cancelled: signal.aborted, values: { trace: ctx.get(trace) } });
          return {};
        },
      },
      {
        timeoutMs: serverTimeoutMs,
        middleware: [
          (next) => (request, ctx) => next(request, ctx.with(trace, values["trace"] ?? "")),
        ],
      },
    );
    await (
      await openPeer(`ws://${host}/v1/count`)
    ).end;
    return seen.promise;
  },
  websocket: async (input) => {
    if (input.clientCall !== undefined) return { textFrame: await firstFrame() };
    if (input.clientCalls !== undefined) return sendAfterEnd();
    if (input.serverClose !== undefined) return serverCloses(input.serverClose.error);
    if (input.clientReceives !== undefined) return clientReceives(input.clientReceives);
    if (input.url !== undefined) return overlaid(input.url, input);
    if (input.bodyField !== undefined) return refused();
    return { selectorDoneError: (await doneError()) ?? null };
  },
};

// These run in sse.test.ts, on the reader and the writer of events.
const elsewhere: ReadonlySet<string> = new Set(["sseFrame", "sseHeaders", "sseParse"]);

// What we do on purpose otherwise.
const differences: Readonly<Record<string, unknown>> = {
  // An EventSource takes an answer without the type for a failure, and would not come back.
  "clean close without any event sends no SSE headers": {
    httpStatus: 200,
    contentType: "text/event-stream",
    body: "",
  },
};

test.each(cases.filter(({ input }) => !elsewhere.has(input.op)))(
  "HTTP streams: $name",
  async ({ name, input, expected }) => {
    const run = runs[input.op];
    expect(run, input.op).toBeDefined();
    const seen = await run?.(input);
    if (typeof expected["errorContains"] === "string") {
      expect(seen).toContain(expected["errorContains"]);
    } else if (expected["error"] === true) {
      expect(seen).toMatchObject({ error: { plain: expect.any(String) as unknown } });
    } else {
      expect(seen).toEqual(differences[name] ?? expected);
    }
  },
);

test("the differences of HTTP streams are cases", () => {
  const names = cases.map(({ name }) => name);
  expect(Object.keys(differences).filter((name) => !names.includes(name))).toEqual([]);
});

async function speaker(speak: (socket: WebSocket) => void): Promise<string> {
  const node = createServer();
  const server = new WebSocketServer({ server: node });
  server.on("connection", speak);
  await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    for (const socket of server.clients) socket.terminate();
    node.close();
  });
  return `127.0.0.1:${(node.address() as AddressInfo).port}`; // it listens on a port
}

function clientOf(endpoint: string, options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = new HttpClient({ endpoint, ...options });
  closing.push(() => client.close());
  return client;
}

async function* nothing(): AsyncGenerator<never> {}

async function firstFrame(): Promise<string> {
  const frame = deferred<string>();
  const host = await speaker((socket) => {
    socket.once("message", (data: Buffer) => frame.resolve(data.toString()));
    socket.send("{}");
  });
  await createClient(Chat, clientOf(host)).count(nothing());
  return frame.promise;
}

async function sendAfterEnd(): Promise<unknown> {
  const host = await speaker(() => {});
  const dialed = await dialWebSocket({
    scheme: "http",
    address: host,
    path: "/",
    header: new HeaderMap(),
    tls: undefined,
    handshakeTimeoutMs: 0,
    maxMessageBytes: 1000,
  }).outcome;
  if (dialed.kind !== "open") throw new Error("refused");
  const socket = new MessageSocket(dialed.socket, dialed.wire, {
    pingIntervalMs: 0,
    idleTimeoutMs: 0,
    writeTimeoutMs: 0,
    closeError: () => new Error("closed"),
  });
  socket.endSending();
  socket.endSending();
  return plainError(socket.send(Buffer.from("{}")));
}

async function plainError(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => ({ recv: "eof" }),
    (error: unknown) => ({ error: { plain: fromError(error).message } }),
  );
}

async function serverCloses(error: string | null): Promise<unknown> {
  const { host } = await serveChat({
    async *talk() {
      yield* [];
      if (error !== null) throw new Error(error);
    },
  });
  const { frames, code, reason } = await (await openPeer(`ws://${host}/v1/talk`)).end;
  return { frames: [...frames.map((text) => ({ text })), { close: code, reason }] };
}

async function clientReceives({
  text,
  close = 1000,
}: {
  text?: string;
  close?: number;
}): Promise<unknown> {
  const host = await speaker((socket) => {
    if (text !== undefined) socket.send(text);
    socket.close(close);
  });
  const replies = createClient(Chat, clientOf(host)).talk(nothing());
  return plainError(replies[Symbol.asyncIterator]().next());
}

async function overlaid(url: string, { bodyField, frame }: Case["input"]): Promise<unknown> {
  const server = new HttpServer({ address: "127.0.0.1:0", logger: nopLogger });
  closing.push(() => server.stop(AbortSignal.abort()));
  if (bodyField === undefined) {
    server.register(Chat, {
      ...chatStubs,
      greet: (entries) => entries,
    });
  } else server.register(Rooms, { enter: (entries) => entries });
  await server.start();
  const peer = await openPeer(`ws://${(await server.endpoint()).host}${url}`);
  peer.socket.send(frame);
  const { name, sub } = JSON.parse(await peer.next()) as { name: string; sub: { naming: string } };
  peer.socket.terminate();
  return { message: { name, sub: { naming: sub.naming } } };
}

const chatStubs = {
  talk: nothing,
  join: nothing,
  count: async () => ({}),
  watch: nothing,
  hidden: nothing,
};

/** Ours refuses the rule when the service is registered, Go each message. */
async function refused(): Promise<string> {
  try {
    new HttpServer({ logger: nopLogger }).register(Wrong, { enter: (entries) => entries });
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as Error).message;
  }
}

async function doneError(): Promise<unknown> {
  const done = deferred<unknown>();
  const { host } = await serveChat();
  const selector: NonNullable<HttpClientOptions["selector"]> = () => {
    const inner = wrrSelector();
    return {
      apply: (nodes) => inner.apply(nodes),
      select: (ctx, options) => {
        const selection = inner.select(ctx, options);
        return { ...selection, done: ({ error }) => done.resolve(error) };
      },
    };
  };
  for await (const _ of createClient(Chat, clientOf(host, { selector })).talk(nothing()));
  return done.promise;
}
