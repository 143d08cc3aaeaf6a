import type { Metadata } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import type { Context } from "../../context/index.ts";
import { tooManyRequests } from "../../errors/index.ts";
import { isAsyncIterable, type Middleware } from "../../middleware/index.ts";
import { mapStream } from "../../rpc/index.ts";
import { grpcTransport } from "../index.ts";
import type { EchoRequest } from "../testdata/echo_pb.ts";
import { startEcho } from "../testdata/echo-service.ts";
import { read } from "../testdata/foreign-calls.ts";
import { type ForeignClient, foreignClient } from "../testdata/foreign-echo.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function clientBehind(...streamMiddleware: readonly Middleware[]): Promise<ForeignClient> {
  const running = await startEcho({}, { streamMiddleware });
  cleanups.push(() => running.stop());
  const client = foreignClient(running.address);
  cleanups.push(() => client.close());
  return client;
}

/** Calls back for every message of a call, in both directions; what it answers goes on. */
function eachMessage(
  told: (message: EchoRequest, way: "received" | "sent", ctx: Context) => unknown,
): Middleware {
  // The messages of the test service have the same fields both ways.
  const via = (stream: unknown, way: "received" | "sent", ctx: Context): unknown =>
    isAsyncIterable(stream)
      ? mapStream(stream, (message) => told(message as EchoRequest, way, ctx))
      : stream;
  return (next) => async (request, ctx) =>
    via(await next(via(request, "received", ctx), ctx), "sent", ctx);
}

test("streamMiddleware sees and changes each message of a stream, both ways, in its order", async () => {
  const seen: string[] = [];
  const client = await clientBehind(
    eachMessage((message, way) => {
      seen.push(`${way} ${message.text}`);
      return { ...message, text: `${message.text}${way === "sent" ? "!" : "?"}` };
    }),
  );
  const call = client.chat();
  for (const text of ["a", "b"]) call.write({ text });
  call.end();
  expect((await read(call)).texts).toEqual(["a?!", "b?!"]);
  expect(seen.filter((note) => note.startsWith("received"))).toEqual(["received a", "received b"]);
  expect(seen.filter((note) => note.startsWith("sent"))).toEqual(["sent a?", "sent b?"]);
});

test.each(["received", "sent"] as const)(
  "streamMiddleware that throws for a message %s ends the call with that error",
  async (failing) => {
    let count = 0;
    const client = await clientBehind(
      eachMessage((message, way) => {
        if (way === failing && (count += 1) > 2) throw tooManyRequests("QUOTA", "two are enough");
        return message;
      }),
    );
    const call = client.chat();
    const reading = read(call);
    for (const text of ["a", "b", "c"]) call.write({ text });
    call.end();
    const { texts, error } = await reading;
    expect(texts).toEqual(["a", "b"]);
    expect(error).toMatchObject({ code: 8, details: "two are enough" });
  },
);

test("grpcTransport() gives a layer around a stream its method, headers, trailers and connection, up to its last message", async () => {
  const seen: unknown[] = [];
  const client = await clientBehind(
    eachMessage((message, way, ctx) => {
      const transport = grpcTransport(ctx);
      if (way === "received") {
        seen.push(transport?.method?.methodKind, transport?.session.remoteAddress);
        transport?.replyHeader.set("x-first", message.text);
        transport?.sendHeader();
      }
      transport?.replyTrailer.set("x-last", message.text);
      return message;
    }),
  );
  const call = client.chat();
  const reading = read(call);
  const header = new Promise<Metadata>((resolve) => call.on("metadata", resolve));
  const end = new Promise<Metadata>((resolve) =>
    call.on("status", ({ metadata }: { readonly metadata: Metadata }) => resolve(metadata)),
  );
  call.write({ text: "a" });
  expect((await header).get("x-first")).toEqual(["a"]);
  call.write({ text: "b" });
  call.end();
  expect((await reading).texts).toEqual(["a", "b"]);
  expect((await end).get("x-last")).toEqual(["b"]);
  expect(seen.slice(0, 2)).toEqual(["bidi_streaming", "127.0.0.1"]);
});
