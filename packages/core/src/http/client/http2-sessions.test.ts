import { createH2Server, type H2Server, type StreamListener } from "@kratosjs/h2";
import { afterEach, expect, test } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { type Client, createClient } from "../../rpc/index.ts";
import { HttpClient } from "../index.ts";
import { Library } from "../testdata/library_pb.js";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A peer of HTTP/2 that takes so many streams at a time, and answers when it is told to. */
async function peer(maxConcurrentStreams: number) {
  const waiting: (() => void)[] = [];
  let connections = 0;
  const server: H2Server = createH2Server(
    (stream): StreamListener => {
      const head = [":status", "200", "content-type", "application/json"];
      waiting.push(() => stream.respond(head, Buffer.from("{}"), undefined));
      return {
        onData: (chunk) => stream.consume(chunk.length),
        onEnd() {},
        onDrain() {},
        onAbort() {},
      };
    },
    { session: { maxConcurrentStreams }, onSession: () => (connections += 1) },
  );
  const address = await server.listen({ host: "127.0.0.1", port: 0 });
  closing.push(() => server.close(AbortSignal.abort()));
  if (typeof address === "string") throw new Error("it listens on a port");
  return { host: `127.0.0.1:${address.port}`, waiting, connections: () => connections };
}

function library(endpoint: string, maxConnections: number): Client<typeof Library> {
  const client = new HttpClient({ endpoint, http: "2", maxConnections, logger: nopLogger });
  closing.push(() => client.close());
  return createClient(Library, client);
}

test("HttpClient makes a further connection when the peer takes no more streams, up to its limit", async () => {
  const { host, waiting, connections } = await peer(1);
  const calls = library(host, 2);
  // The peer's limit is known once it has answered.
  const first = calls.ping({});
  await expect.poll(() => waiting.length).toBe(1);
  waiting.shift()?.();
  await first;
  const replies = [1, 2, 3, 4].map(() => calls.ping({}));
  for (let answered = 0; answered < 4; answered += 1) {
    await expect.poll(() => waiting.length).toBeGreaterThan(0);
    waiting.shift()?.();
  }
  expect(await Promise.all(replies)).toHaveLength(4);
  expect(connections()).toBe(2);
});

test("HttpClient ends a call that waits for room in time, and the next one finds it", async () => {
  const { host, waiting, connections } = await peer(1);
  const calls = library(host, 1);
  const first = calls.ping({});
  await expect.poll(() => waiting.length).toBe(1);
  const late = calls.ping({}, { timeoutMs: 30 });
  await expect(late).rejects.toMatchObject({ code: 504 });
  waiting.shift()?.();
  await first;
  const next = calls.ping({});
  await expect.poll(() => waiting.length).toBe(1);
  waiting.shift()?.();
  await expect(next).resolves.toMatchObject({ text: "" });
  expect(connections()).toBe(1);
});
