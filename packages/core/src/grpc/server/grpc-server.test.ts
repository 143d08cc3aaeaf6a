import { Metadata, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { conflict, decodeGrpcStatus, fromError, notFound } from "../../errors/index.ts";
import { nopLogger } from "../../log/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import { serverTransport } from "../../transport/index.ts";
import { GrpcServer, replyTrailer } from "../index.ts";
import { Echo } from "../testdata/echo_pb.ts";
import { echo, type RunningServer, startEcho } from "../testdata/echo-service.ts";
import { read, say } from "../testdata/foreign-calls.ts";
import { type ForeignClient, foreignClient } from "../testdata/foreign-echo.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(...args: Parameters<typeof startEcho>): Promise<RunningServer> {
  const running = await startEcho(...args);
  cleanups.push(() => running.stop());
  return running;
}

function clientOf(running: RunningServer, options = {}): ForeignClient {
  const client = foreignClient(running.address, options);
  cleanups.push(() => client.close());
  return client;
}

describe("GrpcServer to a foreign client", () => {
  test("GrpcServer answers all four kinds of calls", async () => {
    const client = clientOf(await start());
    expect((await say(client, { text: "hi", data: new Uint8Array([1, 2]) })).reply).toMatchObject({
      text: "hi",
      data: Buffer.from([1, 2]),
    });
    expect((await read(client.repeat({ text: "n", count: 2 }))).texts).toEqual(["n 0", "n 1"]);
    const gathered = new Promise((resolve) => {
      const call = client.gather((_error, reply) => resolve(reply?.text));
      call.write({ text: "a" });
      call.write({ text: "b" });
      call.end();
    });
    expect(await gathered).toBe("a b");
    const chat = client.chat();
    const read$ = read(chat);
    chat.write({ text: "x" });
    chat.write({ text: "y" });
    chat.end();
    expect((await read$).texts).toEqual(["x", "y"]);
  });

  test("GrpcServer answers each message of a conversation before the next is sent", async () => {
    const chat = clientOf(await start()).chat();
    const said: string[] = [];
    await new Promise<void>((resolve) => {
      chat.on("data", ({ text }: { text: string }) => {
        said.push(text);
        if (said.length === 3) chat.end();
        else chat.write({ text: `${said.length}` });
      });
      chat.on("end", resolve);
      chat.write({ text: "0" });
    });
    expect(said).toEqual(["0", "1", "2"]);
  });

  test("GrpcServer sends an error with reason and metadata as status with details", async () => {
    const client = clientOf(
      await start({
        say() {
          throw notFound("ECHO_LOST", "lost 100% – ü", { metadata: { at: "cliff" } });
        },
      }),
    );
    const { error } = await say(client, {});
    expect(error).toMatchObject({ code: status.NOT_FOUND, details: "lost 100% – ü" });
    const [details] = error?.metadata.get("grpc-status-details-bin") ?? [];
    expect(decodeGrpcStatus(Buffer.from(details ?? "")).details[0]?.typeUrl).toContain(
      "google.rpc.ErrorInfo",
    );
    expect(fromError(error)).toMatchObject({
      code: 404,
      reason: "ECHO_LOST",
      metadata: { at: "cliff" },
    });
  });

  test("GrpcServer ends a stream with the error after the messages before it", async () => {
    const client = clientOf(
      await start({
        async *repeat() {
          yield { text: "one" };
          throw conflict("ECHO_TWICE", "twice");
        },
      }),
    );
    const { texts, error } = await read(client.repeat({}));
    expect(texts).toEqual(["one"]);
    expect(error).toMatchObject({ code: status.ABORTED, details: "twice" });
  });

  test("GrpcServer answers UNKNOWN when a handler breaks, and goes on", async () => {
    const client = clientOf(
      await start({
        say({ text }) {
          if (text === "break") throw new RangeError("broken");
          return { text };
        },
      }),
    );
    expect((await say(client, { text: "break" })).error).toMatchObject({ code: status.UNKNOWN });
    expect((await say(client, { text: "ok" })).reply?.text).toBe("ok");
  });

  test("GrpcServer shows metadata with several values and of -bin names, and sends header and trailer", async () => {
    const seen: Record<string, readonly string[]> = {};
    const client = clientOf(
      await start({
        say({ text }, ctx) {
          const call = serverTransport(ctx);
          for (const name of call?.requestHeader.keys() ?? [])
            seen[name] = call?.requestHeader.values(name) ?? [];
          call?.replyHeader.add("x-reply", "a");
          call?.replyHeader.add("x-reply", "b");
          call?.replyHeader.add("x-data-bin", Buffer.from([0, 255]).toString("base64"));
          call?.replyHeader.set("grpc-status", "13");
          replyTrailer(ctx)?.set("x-trailer", "end");
          return { text };
        },
      }),
    );
    const metadata = new Metadata();
    metadata.add("x-many", "1");
    metadata.add("x-many", "2");
    metadata.add("x-raw-bin", Buffer.from([1, 2, 3]));
    metadata.add("x-raw-bin", Buffer.from([4]));
    const { reply, header, trailer } = await say(client, { text: "m" }, metadata);
    expect(reply?.text).toBe("m");
    expect(seen["x-many"]?.join(",").replaceAll(" ", "")).toBe("1,2");
    expect(seen["x-raw-bin"]?.map((value) => [...Buffer.from(value, "base64")])).toEqual([
      [1, 2, 3],
      [4],
    ]);
    expect(header.get("x-reply").join(",").replaceAll(" ", "")).toBe("a,b");
    expect(header.get("x-data-bin")).toEqual([Buffer.from([0, 255])]);
    expect(trailer.get("x-trailer")).toEqual(["end"]);
  });

  test("GrpcServer sends the reply header also with an error, and a late one of a stream as trailer", async () => {
    const client = clientOf(
      await start({
        say(_request, ctx) {
          serverTransport(ctx)?.replyHeader.set("x-reply", "kept");
          throw notFound("GONE", "gone");
        },
        async *repeat(_request, ctx) {
          yield { text: "one" };
          serverTransport(ctx)?.replyHeader.set("x-late", "yes");
        },
      }),
    );
    const { error, header } = await say(client, {});
    expect(error?.code).toBe(status.NOT_FOUND);
    expect(header.get("x-reply")).toEqual(["kept"]);
    const call = client.repeat({});
    const ended = new Promise<Metadata>((resolve) =>
      call.on("status", (end) => resolve(end.metadata)),
    );
    await read(call);
    expect((await ended).get("x-late")).toEqual(["yes"]);
  });

  test("GrpcServer wraps calls in its middleware, the selector's inside", async () => {
    const order: string[] = [];
    const mark =
      (name: string): Middleware =>
      (next) =>
      (request, ctx) => {
        order.push(`${name} ${serverTransport(ctx)?.kind} ${serverTransport(ctx)?.operation}`);
        return next(request, ctx);
      };
    const server = new GrpcServer({
      address: "127.0.0.1:0",
      logger: nopLogger,
      middleware: [mark("outer")],
    });
    server.register(Echo, echo).use("/kratos.test.v1.Echo/S*", mark("inner"));
    await server.start();
    cleanups.push(() => server.stop(AbortSignal.timeout(1000)));
    const client = foreignClient(`127.0.0.1:${(await server.endpoint()).port}`);
    cleanups.push(() => client.close());
    await say(client, {});
    await read(client.repeat({ count: 1 }));
    expect(order).toEqual([
      "outer grpc /kratos.test.v1.Echo/Say",
      "inner grpc /kratos.test.v1.Echo/Say",
      "outer grpc /kratos.test.v1.Echo/Repeat",
    ]);
  });
});
