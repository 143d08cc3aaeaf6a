import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import {
  type ClientSession,
  type Engine,
  engine,
  errorCodes,
  type ServerSessionOptions,
  type Session,
  type SessionOptions,
  type Stream,
  type StreamAcceptor,
} from "./index.ts";
import { nodeHttp2 } from "./node-http2.ts";
import { call, getRequest, postRequest } from "./testdata/local-client.ts";
import { answerOk, listen } from "./testdata/serving.ts";

const engines: readonly Engine[] = [engine(), nodeHttp2()];
const pairs = engines.flatMap((client) =>
  engines.map((server) => ({ title: `${client.name} to ${server.name}`, client, server })),
);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Pair {
  readonly client: ClientSession;
  readonly server: Session;
  readonly listening: Server;
  readonly socket: Socket;
}

async function pairOf(
  of: { client: Engine; server: Engine },
  acceptor: StreamAcceptor,
  options: ServerSessionOptions & { own?: SessionOptions } = {},
): Promise<Pair> {
  const { own, ...ofServer } = options;
  const accepted: Session[] = [];
  const listening = createServer((socket) => {
    socket.on("error", () => {});
    accepted.push(of.server.accept(socket, acceptor, ofServer));
  });
  const socket = connect(await listen(listening), "127.0.0.1");
  await once(socket, "connect");
  const client = of.client.connect(socket, own);
  await client.ping();
  const [server] = accepted;
  if (server === undefined) throw new Error("no session");
  cleanups.push(async () => {
    client.destroy();
    server.destroy();
    await Promise.all([client.closed, server.closed]);
    listening.close();
  });
  return { client, server, listening, socket };
}

/** Hands out every stream the server accepts, and what its listener hears. */
function recorder(): { accept: StreamAcceptor; next(): Promise<Heard> } {
  const waiting: ((heard: Heard) => void)[] = [];
  const heard: Heard[] = [];
  return {
    accept: (stream, headers, endStream) => {
      const one: Heard = {
        stream,
        fields: headers.fields,
        endStream,
        events: [],
        bytes: 0,
        drained: () => {},
        over: () => {},
      };
      const waiter = waiting.shift();
      if (waiter === undefined) heard.push(one);
      else waiter(one);
      return {
        onData: (chunk) => {
          one.bytes += chunk.length;
        },
        onEnd: (trailers) => {
          one.events.push(`end ${trailers?.fields.join(" ") ?? ""}`);
          one.over();
        },
        onDrain: () => one.drained(),
        onAbort: (error) => {
          one.events.push(`abort ${error.code} ${error.remote}`);
          one.over();
        },
      };
    },
    next: () => {
      const first = heard.shift();
      return first === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(first);
    },
  };
}

interface Heard {
  readonly stream: Stream;
  readonly fields: readonly string[];
  readonly endStream: boolean;
  readonly events: string[];
  bytes: number;
  drained: () => void;
  over: () => void;
}

const heardAll = (heard: Heard): Promise<void> | undefined =>
  heard.events.length > 0 ? undefined : new Promise((resolve) => (heard.over = resolve));

describe.each(pairs)("The contract of an engine, $title", (pair) => {
  test("request() exchanges headers, bodies and trailers, several values a name kept apart", async () => {
    const { client } = await pairOf(pair, (stream, { fields }) => ({
      onData: (chunk) => stream.consume(chunk.length),
      onEnd: () => {
        const twice = fields.flatMap((name, at) =>
          at % 2 === 0 && name === "x-two" ? [fields[at + 1] ?? ""] : [],
        );
        stream.respond(
          [":status", "200", "x-two", "c", "x-two", "d"],
          Buffer.from(twice.join(" ")),
          ["x-end", "e", "x-end", "f"],
        );
      },
      onDrain() {},
      onAbort() {},
    }));
    const { ears } = call(client, [...postRequest, "x-two", "a", "x-two", "b"], {
      body: Buffer.from("body"),
    });
    expect(await ears.ended).toBe("end");
    expect(ears.blocks).toEqual([[":status", "200", "x-two", "c", "x-two", "d"]]);
    expect(ears.body.toString()).toBe("a b");
    expect(ears.trailers?.fields).toEqual(["x-end", "e", "x-end", "f"]);
  });

  test("onEnd() is not called after headers that were the end", async () => {
    const { accept, next } = recorder();
    const { client } = await pairOf(pair, accept);
    const { ears } = call(client);
    const heard = await next();
    expect(heard.endStream).toBe(true);
    heard.stream.sendHeaders([":status", "204"], true);
    expect(await ears.ended).toBe("end");
    await client.ping();
    expect([heard.events, ears.trailers, heard.stream.closed]).toEqual([[], undefined, true]);
    expect(ears.blocks).toHaveLength(1);
  });

  test("onHeaders() hears interim responses before the final one", async () => {
    const { accept, next } = recorder();
    const { client } = await pairOf(pair, accept);
    const { ears } = call(client);
    const { stream } = await next();
    stream.sendHeaders([":status", "103", "link", "x"], false);
    stream.respond([":status", "200"], Buffer.from("."), undefined);
    await ears.ended;
    expect(ears.blocks.map(([, status]) => status)).toEqual(["103", "200"]);
  });

  test("reset() aborts the stream on both sides with its code", async () => {
    const { accept, next } = recorder();
    const { client, server } = await pairOf(pair, accept);
    const { stream, ears } = call(client, postRequest, { endStream: false });
    const heard = await next();
    stream.reset(errorCodes.cancel);
    expect([await ears.ended, stream.closed]).toEqual(["abort", true]);
    await heardAll(heard);
    expect(heard.events).toEqual(["abort 8 true"]);
    expect([client.counters.resetsSent, server.counters.resetsReceived]).toEqual([1, 1]);
    const again = call(client, postRequest, { endStream: false });
    (await next()).stream.reset(errorCodes.refusedStream);
    await again.ears.ended;
    expect(again.ears.error).toMatchObject({
      code: errorCodes.refusedStream,
      remote: true,
      unprocessed: true,
      scope: "stream",
    });
  });

  test("reset() with NO_ERROR after the end takes back nothing that was written", async () => {
    const { accept, next } = recorder();
    const { client } = await pairOf(pair, accept, { own: { initialWindowBytes: 10_000 } });
    const { ears } = call(client, postRequest, { endStream: false });
    const { stream } = await next();
    stream.respond([":status", "200"], Buffer.alloc(200_000), ["x-end", "1"]);
    stream.reset(errorCodes.noError);
    expect(await ears.ended).toBe("end");
    expect([ears.received, ears.trailers?.fields]).toEqual([200_000, ["x-end", "1"]]);
  });

  test("write() answers false when the peer's window is used up, and onDrain() follows", async () => {
    const { accept, next } = recorder();
    const { client } = await pairOf(pair, accept, { own: { initialWindowBytes: 65_535 } });
    const { ears } = call(client);
    ears.reads = false;
    const heard = await next();
    heard.stream.sendHeaders([":status", "200"], false);
    let written = 0;
    while (written < 100 && heard.stream.write(Buffer.alloc(65_536), false)) written += 1;
    expect(written).toBeLessThan(100);
    const drained = new Promise<void>((resolve) => (heard.drained = resolve));
    await ears.until(() => ears.received > 0);
    ears.reads = true;
    ears.stream?.consume(ears.received);
    await drained;
    heard.stream.write(Buffer.alloc(0), true);
    expect(await ears.ended).toBe("end");
    expect(ears.received).toBe((written + 1) * 65_536);
  });

  test("consume() is what lets the peer send on", async () => {
    const { accept, next } = recorder();
    const { client } = await pairOf(pair, accept, {
      initialWindowBytes: 65_535,
      minPingIntervalMs: 0,
    });
    call(client, postRequest, { body: Buffer.alloc(2_000_000) });
    const heard = await next();
    await client.ping();
    await client.ping();
    expect(heard.bytes).toBeLessThan(300_000);
    while (heard.events.length === 0) {
      heard.stream.consume(heard.bytes);
      await client.ping();
    }
    expect([heard.events, heard.bytes]).toEqual([["end "], 2_000_000]);
  });

  test("write() lets the reader of a large body measure each round trip by a PING", async () => {
    const { accept, next } = recorder();
    const { client } = await pairOf(pair, accept, { own: { initialWindowBytes: 65_535 } });
    const { ears } = call(client);
    const { stream } = await next();
    stream.respond([":status", "200"], Buffer.alloc(1_000_000), undefined);
    for (let want = 100_000; want < 1_000_000; want += 100_000) {
      await ears.until(() => ears.received >= want || ears.error !== undefined);
      await client.ping();
    }
    expect(await ears.ended).toBe("end");
    expect(ears.received).toBe(1_000_000);
  });

  test("available follows the peer's limit of streams", async () => {
    const { accept, next } = recorder();
    const { client, server } = await pairOf(pair, accept, { maxConcurrentStreams: 1 });
    expect([client.available, client.maxConcurrentStreams]).toEqual([true, 1]);
    const { ears } = call(client);
    expect([client.available, client.openStreams]).toEqual([false, 1]);
    expect(() => call(client)).toThrow(/takes no more/);
    const room = new Promise<void>((resolve) => (client.onAvailable = resolve));
    const { stream } = await next();
    expect(server.openStreams).toBe(1);
    stream.respond([":status", "200"], Buffer.alloc(0), undefined);
    await ears.ended;
    await room;
    expect(client.available).toBe(true);
    expect(server.counters.streamsOpened).toBe(1);
  });

  test("close() lets the open streams end", async () => {
    const { accept, next } = recorder();
    const { client, server } = await pairOf(pair, accept);
    const { ears } = call(client);
    const { stream } = await next();
    const gone = new Promise<void>((resolve) => (client.onUnavailable = resolve));
    const closed = server.close();
    await gone;
    expect(client.available).toBe(false);
    stream.respond([":status", "200"], Buffer.from("late"), undefined);
    expect(await ears.ended).toBe("end");
    expect(ears.body.toString()).toBe("late");
    await closed;
    expect([await server.closed, await client.closed]).toEqual([undefined, undefined]);
  });

  test("close() of a session without streams ends it", async () => {
    const { client, server } = await pairOf(pair, answerOk);
    await server.close();
    await client.closed;
  });

  test("close() of a client ends both sides once its streams have", async () => {
    const { client, server } = await pairOf(pair, answerOk);
    const { ears } = call(client);
    const closed = client.close();
    expect(await ears.ended).toBe("end");
    await closed;
    await server.closed;
  });

  test("close() cuts when its signal aborts", async () => {
    const { accept, next } = recorder();
    const { client, server } = await pairOf(pair, accept);
    const { ears } = call(client);
    await next();
    const cut = new AbortController();
    const closed = server.close(cut.signal);
    cut.abort();
    await closed;
    expect(await ears.ended).toBe("abort");
  });

  test("destroy() aborts every stream of both sides with the connection", async () => {
    const { accept, next } = recorder();
    const { client, server } = await pairOf(pair, accept);
    const { ears } = call(client, getRequest);
    const heard = await next();
    server.destroy(errorCodes.enhanceYourCalm, "too much");
    expect(heard.events).toEqual(["abort 11 false"]);
    expect(await ears.ended).toBe("abort");
    expect(await server.closed).toMatchObject({
      code: errorCodes.enhanceYourCalm,
      message: "too much",
    });
    await client.closed;
    expect(client.available).toBe(false);
    await expect(client.ping()).rejects.toThrow(/lost|going away|destroyed|cancel|closed|much/);
  });

  test("onAbort() tells of a connection that was lost", async () => {
    const { accept, next } = recorder();
    const { client, server, socket } = await pairOf(pair, accept);
    const { ears } = call(client);
    const heard = await next();
    socket.destroy();
    expect(await ears.ended).toBe("abort");
    expect(ears.error).toMatchObject({ scope: "connection" });
    await heardAll(heard);
    expect(heard.events[0]).toMatch(/^abort \d+ true$/);
    expect(await server.closed).toMatchObject({ scope: "connection", remote: true });
  });
});

test("nodeHttp2() ends the session of a client that pings more often than it may", async () => {
  const both = { client: nodeHttp2(), server: nodeHttp2() };
  const { client, server } = await pairOf(both, answerOk);
  const pings = [client.ping(), client.ping(), client.ping()];
  expect(await server.closed).toMatchObject({ code: errorCodes.enhanceYourCalm });
  await Promise.allSettled(pings);
  expect(server.counters.pingsReceived).toBe(4);
});

test("nodeHttp2() resets a stream whose output makes no progress for writeTimeoutMs", async () => {
  const { accept, next } = recorder();
  const both = { client: nodeHttp2(), server: nodeHttp2() };
  const { client } = await pairOf(both, accept, { writeTimeoutMs: 50 });
  const { ears } = call(client);
  ears.reads = false;
  const heard = await next();
  heard.stream.respond([":status", "200"], Buffer.alloc(20_000_000), undefined);
  expect(await ears.ended).toBe("abort");
  expect(ears.error).toMatchObject({ code: errorCodes.enhanceYourCalm, remote: true });
  expect(heard.events).toEqual(["abort 11 false"]);
});

test("nodeHttp2() refuses a window no peer may have", () => {
  expect(() =>
    nodeHttp2().connect(new (class extends EventTarget {})() as never, { initialWindowBytes: 0 }),
  ).toThrow(RangeError); // never reaches the socket
});
