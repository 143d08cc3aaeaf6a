import { Agent, type IncomingMessage, request as sendRequest } from "node:http";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { draining } from "../../transport/index.ts";
import { ask, wires } from "../testdata/both-wires.ts";
import { askH2, closeH2, openH2 } from "../testdata/h2-client.ts";
import { deferred, serve, stopServers } from "../testdata/serve.ts";

afterEach(async () => {
  closeH2();
  await stopServers();
});

const path = "/v1/books/1";
// Longer than any test: what ends such a wait is the cut.
const longMs = 3_600_000;

/** Asks with connections kept alive until `isEnough`; answers statuses, and rejects as soon as one request fails. */
async function load(
  origin: string,
  isEnough: (closes: number) => boolean,
): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const statuses: number[] = [];
  let closes = 0;
  const one = async (): Promise<void> => {
    while (!isEnough(closes)) {
      const request = sendRequest(`${origin}${path}`, { agent }).end();
      const [response] = (await once(request, "response")) as [IncomingMessage]; // node's event
      await once(response.resume(), "end");
      statuses.push(response.statusCode ?? 0);
      if (response.headers.connection === "close") closes += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
  agent.destroy();
  return statuses;
}

test("HttpServer that stops after a delay fails no request of clients that leave meanwhile", async () => {
  const { server, origin } = await serve({ drainDelayMs: longMs });
  const under = deferred<void>();
  let asked = 0;
  const loaded = load(origin, (closes) => {
    asked += 1;
    if (asked > 100) under.resolve();
    return closes >= 200;
  });
  await under.promise;
  const abort = new AbortController();
  const stopped = server.stop(abort.signal);
  const statuses = await loaded;
  expect([statuses.length > 250, new Set(statuses)]).toEqual([true, new Set([200])]);
  abort.abort();
  await stopped;
});

describe.each(wires)("HttpServer that stops after a delay, over %s", (wire) => {
  test("takes new connections until then, and refuses them afterwards", async () => {
    const { server, origin } = await serve({ drainDelayMs: 60 });
    expect(server.draining).toBe(false);
    const stopped = server.stop(new AbortController().signal);
    // It waits for its listener before it says so.
    const reply = await ask(wire, origin, { path });
    expect([reply.status, server.draining]).toEqual([200, true]);
    closeH2();
    await stopped;
    await expect(fetch(`${origin}${path}`)).rejects.toThrow("fetch failed");
  });
});

test("HttpServer that stops after a delay goes on with sessions of HTTP/2, then closes them", async () => {
  const { server, origin } = await serve({ drainDelayMs: 60 });
  const session = await openH2(origin);
  const goaway = once(session, "goaway");
  const stopped = server.stop(new AbortController().signal);
  expect((await askH2(session, { path })).status).toBe(200);
  await goaway;
  await stopped;
});

test("HttpServer does not wait for its delay when it is cut", async () => {
  const { server } = await serve({ drainDelayMs: longMs });
  const abort = new AbortController();
  const stopped = server.stop(abort.signal);
  abort.abort();
  await stopped;
  await server.closed;
});

describe.each(wires)("draining(), over %s", (wire) => {
  test("draining() tells a stream that its server stops, which ends in time then", async () => {
    const waiting = deferred<void>();
    const { server, origin } = await serve(
      {},
      {
        async *watchBooks(_request, ctx) {
          const stopping = draining(ctx);
          yield { title: `begun, ${stopping.aborted}` };
          waiting.resolve();
          if (!stopping.aborted) await once(stopping, "abort");
          yield { title: "farewell" };
        },
      },
    );
    const reply = ask(wire, origin, { path: "/v1/watch" });
    await waiting.promise;
    await server.stop(new AbortController().signal);
    const { status, body } = await reply;
    expect(status).toBe(200);
    expect(body.toString()).toMatch(/begun, false[^]*farewell/);
    expect(body.toString()).not.toContain("event: error");
  });
});

describe.each(wires)("HttpServer that is cut, over %s", (wire) => {
  test.each([
    ["ends a stream with an error before it closes its connection", 1, 200, "event: error\ndata: "],
    ["answers 503 to a stream that has sent nothing", 0, 503, ""],
  ])("%s", async (_what, messages, expected, mark) => {
    const waiting = deferred<void>();
    const { server, origin } = await serve(
      {},
      {
        async *watchBooks() {
          if (messages > 0) yield { title: "first" };
          waiting.resolve();
          await new Promise(() => {});
        },
      },
    );
    const reply = ask(wire, origin, { path: "/v1/watch" });
    await waiting.promise;
    await server.stop(AbortSignal.abort());
    const { status, body } = await reply;
    expect(status).toBe(expected);
    expect(body.toString()).toContain(`${mark}{"code":503,"reason":"SERVER_STOPPED"`);
  });
});
