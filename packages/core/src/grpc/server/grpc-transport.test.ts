import { Metadata } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { background } from "../../context/index.ts";
import { grpcTransport } from "../index.ts";
import { deferred } from "../testdata/deferred.ts";
import { type RunningServer, startEcho } from "../testdata/echo-service.ts";
import { read } from "../testdata/foreign-calls.ts";
import { foreignClient } from "../testdata/foreign-echo.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(...args: Parameters<typeof startEcho>): Promise<RunningServer> {
  const running = await startEcho(...args);
  cleanups.push(() => running.stop());
  return running;
}

/** The metadata of the reply, as soon as they are there. */
function metadataOf(call: {
  on(event: "metadata", told: (header: Metadata) => void): unknown;
}): Promise<Metadata> {
  return new Promise((resolve) => call.on("metadata", resolve));
}

function clientOf(running: RunningServer): ReturnType<typeof foreignClient> {
  const client = foreignClient(running.address);
  cleanups.push(() => client.close());
  return client;
}

describe("grpcTransport()", () => {
  test("grpcTransport().sendHeader() lets a grpc-js client see metadata before the first message of a stream", async () => {
    const told = deferred();
    const running = await start({
      async *repeat(_request, ctx) {
        const transport = grpcTransport(ctx);
        transport?.replyHeader.set("x-early", "bird");
        transport?.sendHeader();
        transport?.sendHeader();
        transport?.replyHeader.set("x-late", "owl");
        await told.promise;
        yield { text: "first" };
      },
    });
    const call = clientOf(running).repeat({});
    const reading = read(call);
    const ended = new Promise<Metadata>((resolve) =>
      call.on("status", ({ metadata }) => resolve(metadata)),
    );
    const header = await metadataOf(call);
    expect(header.get("x-early")).toEqual(["bird"]);
    expect(header.get("x-late")).toEqual([]);
    told.resolve();
    expect((await reading).texts).toEqual(["first"]);
    expect((await ended).get("x-late")).toEqual(["owl"]);
  });

  test.each(["answers", "fails"])(
    "grpcTransport().sendHeader() lets a grpc-js client see metadata before a unary call %s",
    async (outcome) => {
      const told = deferred();
      const running = await start({
        async say({ text }, ctx) {
          const transport = grpcTransport(ctx);
          transport?.replyHeader.set("x-early", "bird");
          transport?.sendHeader();
          await told.promise;
          transport?.replyTrailer.set("x-end", "night");
          if (outcome === "fails") throw new Error("broken");
          return { text };
        },
      });
      const result = deferred<string>();
      const call = clientOf(running).say({ text: "hi" }, new Metadata(), {}, (error, reply) =>
        result.resolve(error?.details ?? reply?.text ?? ""),
      );
      const ended = new Promise<Metadata>((resolve) =>
        call.on("status", ({ metadata }) => resolve(metadata)),
      );
      expect((await metadataOf(call)).get("x-early")).toEqual(["bird"]);
      told.resolve();
      expect(await result.promise).toBe(outcome === "fails" ? "broken" : "hi");
      expect((await ended).get("x-end")).toEqual(["night"]);
    },
  );

  test("grpcTransport().sendHeader() throws for a header that cannot be sent, and does nothing after the end", async () => {
    const late = deferred<() => void>();
    const running = await start({
      async say(_request, ctx) {
        const transport = grpcTransport(ctx);
        transport?.replyHeader.set("x bad", "");
        expect(() => transport?.sendHeader()).toThrow(/x bad/);
        transport?.replyHeader.delete("x bad");
        late.resolve(() => transport?.sendHeader());
        return {};
      },
    });
    const result = deferred<unknown>();
    clientOf(running).say({}, new Metadata(), {}, (error) => result.resolve(error));
    expect(await result.promise).toBeNull();
    const sendLate = await late.promise;
    expect(sendLate).not.toThrow();
  });

  test("grpcTransport() knows kind, operation and connection, and is undefined outside a call", async () => {
    const running = await start({
      say(_request, ctx) {
        const { kind, operation, session } = grpcTransport(ctx) ?? {};
        return { text: `${kind} ${operation} ${session?.remoteAddress}` };
      },
    });
    const text = deferred<string | undefined>();
    clientOf(running).say({}, new Metadata(), {}, (_error, reply) => text.resolve(reply?.text));
    expect(await text.promise).toBe("grpc /kratos.test.v1.Echo/Say 127.0.0.1");
    expect(grpcTransport(background)).toBeUndefined();
  });
});
