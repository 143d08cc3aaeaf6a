import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { errorCodes } from "./index.ts";
import { call, openClient, postRequest } from "./testdata/local-client.ts";
import { listen, pattern } from "./testdata/serving.ts";

/** A node:http2 server on a free port that hands each stream to the handler. */
async function foreignServer(
  handler: (stream: ServerHttp2Stream, headers: Readonly<Record<string, unknown>>) => void,
  options: Parameters<typeof createServer>[0] = {},
): Promise<{ server: Http2Server; port: number } & AsyncDisposable> {
  const server = createServer(options);
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    handler(stream, headers);
  });
  const port = await listen(server);
  return {
    server,
    port,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}

function echo(stream: ServerHttp2Stream): void {
  stream.respond({ ":status": 200 }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "x-echoed": "yes" }));
  stream.pipe(stream);
}

describe("engine().connect() and a server of node:http2", () => {
  test("connect() makes a unary call with body and trailers", async () => {
    await using serving = await foreignServer(echo);
    await using session = await openClient(serving.port);
    const { ears } = call(session, postRequest, { body: Buffer.from("hello") });
    expect(await ears.ended).toBe("end");
    expect(ears.status).toBe("200");
    expect(ears.body.toString()).toBe("hello");
    expect(ears.trailers?.fields).toEqual(["x-echoed", "yes"]);
    expect(session.openStreams).toBe(0);
  });

  test("connect() hears interim responses before the final one", async () => {
    await using serving = await foreignServer((stream) => {
      stream.additionalHeaders({ ":status": 103, link: "</a>" });
      stream.additionalHeaders({ ":status": 102 });
      stream.respond({ ":status": 204 }, { endStream: true });
    });
    await using session = await openClient(serving.port);
    const { ears } = call(session);
    await ears.ended;
    expect(ears.blocks.map((fields) => fields[1])).toEqual(["103", "102", "204"]);
  });

  test("connect() streams both ways, no faster than the peer reads", async () => {
    await using serving = await foreignServer(echo, { settings: { initialWindowSize: 20_000 } });
    await using session = await openClient(serving.port, { initialWindowBytes: 3000 });
    const { stream, ears } = call(session, postRequest, { endStream: false });
    const piece = pattern(50_000);
    for (let at = 0; at < 20; at += 1) {
      const drains = ears.drains;
      if (!stream.write(piece, at === 19) && at < 19) await ears.until(() => ears.drains > drains);
    }
    expect(await ears.ended).toBe("end");
    expect(ears.body.equals(Buffer.concat(Array.from({ length: 20 }, () => piece)))).toBe(true);
    expect(ears.drains).toBeGreaterThan(0);
  });

  test("connect() keeps many streams with large bodies apart", async () => {
    await using serving = await foreignServer(echo, { maxSessionMemory: 100 });
    await using session = await openClient(serving.port);
    await session.ping();
    const bodies = Array.from({ length: 60 }, (_, at) => pattern(at * 2000 + 1));
    const calls = bodies.map((body) => call(session, postRequest, { body }));
    for (const [at, { ears }] of calls.entries()) {
      expect(await ears.ended).toBe("end");
      expect(ears.body.equals(bodies[at] ?? Buffer.alloc(0))).toBe(true);
    }
  });

  test("connect() uploads 32 MiB to a server that gives window back in small pieces", async () => {
    let received = 0;
    await using serving = await foreignServer((stream) => {
      stream.on("data", (chunk: Buffer) => (received += chunk.length));
      stream.on("end", () => stream.respond({ ":status": 200 }, { endStream: true }));
    });
    await using session = await openClient(serving.port);
    const { ears } = call(session, postRequest, { body: Buffer.alloc(33_554_432) });
    expect(await ears.ended).toBe("end");
    expect(received).toBe(33_554_432);
  });

  test("connect() sends and takes header lists over one frame", async () => {
    await using serving = await foreignServer(
      (stream, headers) =>
        stream.respond(
          { ":status": 200, "x-a": headers["x-a"] as string, "x-b": "2".repeat(20_000) },
          { endStream: true },
        ),
      { settings: { maxHeaderListSize: 100_000 } },
    );
    await using session = await openClient(serving.port);
    const { ears } = call(session, [...postRequest, "x-a", "~".repeat(25_000)]);
    await ears.ended;
    const fields = ears.blocks[0] ?? [];
    expect(fields[fields.indexOf("x-a") + 1]).toBe("~".repeat(25_000));
    expect(fields[fields.indexOf("x-b") + 1]).toBe("2".repeat(20_000));
  });

  test("connect() aborts a stream whose response header list is over the limit, and goes on", async () => {
    await using serving = await foreignServer((stream, headers) =>
      stream.respond(
        { ":status": 200, "x-a": "~".repeat(headers[":method"] === "POST" ? 3000 : 1) },
        { endStream: true },
      ),
    );
    await using session = await openClient(serving.port, { maxHeaderListBytes: 2000 });
    const large = call(session, postRequest);
    expect(await large.ears.ended).toBe("abort");
    expect(large.ears.error).toMatchObject({
      code: errorCodes.protocolError,
      scope: "stream",
      remote: false,
    });
    const small = call(session);
    await small.ears.ended;
    expect(small.ears.status).toBe("200");
  });

  test("connect() keeps to the peer's limit of streams and says when there is room", async () => {
    const held: ServerHttp2Stream[] = [];
    await using serving = await foreignServer((stream) => held.push(stream), {
      settings: { maxConcurrentStreams: 2 },
    });
    await using session = await openClient(serving.port);
    await session.ping();
    expect(session.maxConcurrentStreams).toBe(2);
    const calls = [call(session), call(session)];
    expect(session.available).toBe(false);
    expect(() => call(session)).toThrow(expect.objectContaining({ unprocessed: true }));
    const room = new Promise<void>((resolve) => {
      session.onAvailable = resolve;
    });
    await expect.poll(() => held.length).toBe(2);
    held[0]?.respond({ ":status": 200 }, { endStream: true });
    await room;
    await calls[0]?.ears.ended;
    expect(session.available).toBe(true);
  });

  test("connect() aborts the streams above the id of a GOAWAY as unprocessed and finishes the others", async () => {
    const held: ServerHttp2Stream[] = [];
    await using serving = await foreignServer((stream) => held.push(stream));
    await using session = await openClient(serving.port);
    let unavailable = 0;
    session.onUnavailable = () => {
      unavailable += 1;
    };
    const [first, second] = [call(session), call(session)];
    await expect.poll(() => held.length).toBe(2);
    held[0]?.session?.goaway(errorCodes.noError, 1);
    expect(await second.ears.ended).toBe("abort");
    expect(second.ears.error).toMatchObject({ unprocessed: true, remote: true });
    expect(session.available).toBe(false);
    held[0]?.respond({ ":status": 200 }, { endStream: true });
    expect(await first.ears.ended).toBe("end");
    expect(await session.closed).toBeUndefined();
    expect(unavailable).toBe(1);
  });

  test("connect() tells the code of a GOAWAY that is an error", async () => {
    await using serving = await foreignServer((stream) => {
      stream.session?.goaway(errorCodes.enhanceYourCalm);
      stream.close(errorCodes.cancel);
    });
    await using session = await openClient(serving.port);
    const { ears } = call(session);
    expect(await ears.ended).toBe("abort");
    expect(await session.closed).toMatchObject({ code: errorCodes.enhanceYourCalm, remote: true });
  });

  test("connect() hears REFUSED_STREAM as unprocessed, and other resets as not", async () => {
    await using serving = await foreignServer((stream, headers) =>
      stream.close(headers[":method"] === "POST" ? errorCodes.cancel : errorCodes.refusedStream),
    );
    await using session = await openClient(serving.port);
    const [refused, cancelled] = [call(session), call(session, postRequest)];
    await Promise.all([refused.ears.ended, cancelled.ears.ended]);
    expect(refused.ears.error).toMatchObject({ code: errorCodes.refusedStream, unprocessed: true });
    expect(cancelled.ears.error).toMatchObject({ code: errorCodes.cancel, unprocessed: false });
  });

  test("connect() resets a stream, and the session goes on", async () => {
    await using serving = await foreignServer((stream) => stream.respond({ ":status": 200 }));
    await using session = await openClient(serving.port);
    const { stream, ears } = call(session);
    await ears.until(() => ears.status === "200");
    stream.reset(errorCodes.cancel);
    stream.reset(errorCodes.cancel);
    expect(await ears.ended).toBe("abort");
    expect(stream.write(Buffer.from("late"), true)).toBe(true);
    expect(await session.ping()).toBeGreaterThanOrEqual(0);
    expect(session.counters.resetsSent).toBe(1);
  });

  test("close() of a client waits for its open streams and resolves", async () => {
    const held: ServerHttp2Stream[] = [];
    await using serving = await foreignServer((stream) => held.push(stream));
    await using session = await openClient(serving.port);
    const { ears } = call(session);
    await expect.poll(() => held.length).toBe(1);
    const closing = session.close();
    expect(session.available).toBe(false);
    held[0]?.respond({ ":status": 200 });
    held[0]?.end("done");
    expect(await ears.ended).toBe("end");
    await closing;
    expect(ears.body.toString()).toBe("done");
    expect(await session.closed).toBeUndefined();
    await expect(session.ping()).rejects.toMatchObject({ name: "H2Error" });
  });

  test("close() of a client without streams resolves", async () => {
    await using serving = await foreignServer(echo);
    await using session = await openClient(serving.port);
    await session.close();
    expect(await session.closed).toBeUndefined();
  });

  test("destroy() aborts every stream and settles closed with its error", async () => {
    await using serving = await foreignServer(() => undefined);
    await using session = await openClient(serving.port);
    const calls = [call(session), call(session)];
    session.destroy(errorCodes.internalError, "enough");
    for (const { ears } of calls) expect(await ears.ended).toBe("abort");
    expect(await session.closed).toMatchObject({
      code: errorCodes.internalError,
      message: "enough",
    });
  });

  test("connect() aborts its streams when the connection is lost", async () => {
    await using serving = await foreignServer(() => serving.server.emit("cut"));
    serving.server.on("connection", (socket: Socket) =>
      serving.server.on("cut", () => socket.destroy()),
    );
    await using session = await openClient(serving.port);
    const { ears } = call(session);
    expect(await ears.ended).toBe("abort");
    expect(ears.error).toMatchObject({ remote: true, scope: "connection" });
    expect(await session.closed).toMatchObject({ remote: true });
  });
});
