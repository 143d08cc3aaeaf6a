import { compressionAlgorithms, Metadata, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { sleep } from "../../context/index.ts";
import { compressReply } from "../index.ts";
import { deferred } from "../testdata/deferred.ts";
import { type RunningServer, startEcho } from "../testdata/echo-service.ts";
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

describe("GrpcServer's limits", () => {
  test("GrpcServer answers DEADLINE_EXCEEDED when its own limit passes, and cancels the context", async () => {
    const aborted = deferred<unknown>();
    const client = clientOf(
      await start(
        {
          async say(_request, ctx) {
            ctx.signal.addEventListener("abort", () => aborted.resolve(ctx.signal.reason));
            await new Promise(() => {});
            return {};
          },
        },
        { timeoutMs: 50 },
      ),
    );
    expect((await say(client, {})).error?.code).toBe(status.DEADLINE_EXCEEDED);
    expect(await aborted.promise).toMatchObject({ name: "TimeoutError" });
  });

  test("GrpcServer shows the caller's deadline where it is earlier, and none of its own to streams", async () => {
    const deadlines: (number | undefined)[] = [];
    const client = clientOf(
      await start({
        say(_request, ctx) {
          deadlines.push(ctx.deadline);
          return {};
        },
        async *repeat(_request, ctx) {
          deadlines.push(ctx.deadline);
          yield {};
        },
      }),
    );
    const before = Date.now();
    await say(client, {}, new Metadata(), { deadline: before + 500 });
    await say(client, {});
    await read(client.repeat({}));
    expect((deadlines[0] ?? 0) - before).toBeLessThanOrEqual(520);
    expect((deadlines[1] ?? 0) - before).toBeGreaterThanOrEqual(1000);
    expect(deadlines[2]).toBeUndefined();
  });

  test("GrpcServer cancels the context and leaves the handler's stream when the caller cancels", async () => {
    const left = deferred<string>();
    const aborted = deferred<unknown>();
    const client = clientOf(
      await start({
        async *repeat({ text }, ctx) {
          ctx.signal.addEventListener("abort", () => aborted.resolve(ctx.signal.reason));
          try {
            for (;;) {
              yield { text };
              await sleep(1);
            }
          } finally {
            left.resolve("left");
          }
        },
      }),
    );
    const call = client.repeat({ text: "x" });
    call.on("error", () => {});
    call.on("data", () => call.cancel());
    expect(await aborted.promise).toMatchObject({ code: 499 });
    expect(await left.promise).toBe("left");
  });

  test("GrpcServer refuses a message over the limit before it has come, and answers the next call", async () => {
    const client = clientOf(await start({}, { maxReceiveMessageBytes: 1000 }));
    const big = await say(client, { data: new Uint8Array(5_000_000) });
    expect(big.error).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(big.error?.details).toContain("received message larger than max");
    expect((await say(client, { text: "small" })).reply?.text).toBe("small");
  });

  test("GrpcServer does not send a message over the limit", async () => {
    const client = clientOf(await start({}, { maxSendMessageBytes: 100 }));
    const { error } = await say(client, { data: new Uint8Array(101) });
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });

  test("GrpcServer reads and writes messages of several megabytes", async () => {
    const client = clientOf(await start());
    const data = new Uint8Array(3_500_000).map((_, at) => at % 251);
    const { reply } = await say(client, { data });
    expect(Buffer.compare(reply?.data ?? Buffer.of(), data)).toBe(0);
  });

  test("GrpcServer reads gzip and answers in it, but not beyond the limit", async () => {
    const running = await start(
      {
        say({ text, data }, ctx) {
          if (text === "plain") compressReply(ctx, "identity");
          return { data };
        },
      },
      { maxReceiveMessageBytes: 100_000 },
    );
    const client = clientOf(running, {
      "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
    });
    const { reply } = await say(client, { data: new Uint8Array(50_000) });
    expect(reply?.data.length).toBe(50_000);
    const plain = await say(client, { text: "plain", data: new Uint8Array(50_000) });
    expect(plain.reply?.data.length).toBe(50_000);
    const bomb = await say(client, { data: new Uint8Array(30_000_000) });
    expect(bomb.error).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });
});
