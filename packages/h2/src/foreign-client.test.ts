import { once } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeHeaders,
  errorCodes,
  type HeaderBlock,
  type Stream,
  type StreamAcceptor,
} from "./index.ts";
import { answerOk, ask, foreignClient, pattern, serve } from "./testdata/serving.ts";

const ok = encodeHeaders([":status", "200"]);

/** Sends the body back as it comes, no faster than it is taken, with trailers behind it. */
const echo: StreamAcceptor = (stream, _headers, endStream) => {
  stream.sendHeaders(ok, false);
  if (endStream) stream.sendHeaders(["x-echoed", "yes"], true);
  let unpaid = 0;
  return {
    onData(chunk) {
      unpaid += chunk.length;
      if (!stream.write(Buffer.from(chunk), false)) return;
      stream.consume(unpaid);
      unpaid = 0;
    },
    onEnd: () => stream.sendHeaders(["x-echoed", "yes"], true),
    onDrain() {
      stream.consume(unpaid);
      unpaid = 0;
    },
    onAbort() {},
  };
};

/** Answers with the fields of the request whose names begin with "x-". */
const reflect: StreamAcceptor = (stream, { fields }) => {
  const back = [":status", "200"];
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at]?.startsWith("x-") === true) back.push(fields[at] ?? "", fields[at + 1] ?? "");
  }
  stream.respond(back, Buffer.alloc(0), undefined);
  return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
};

describe("engine().accept() and a client of node:http2", () => {
  test("accept() serves a request without and with a body", async () => {
    await using serving = await serve();
    await using client = foreignClient(serving.port);
    expect((await ask(client)).body.toString()).toBe("ok");
    expect((await ask(client, pattern(100_000))).status).toBe(200);
    const { counters } = await serving.session(0);
    expect(counters).toMatchObject({
      streamsOpened: 2,
      streamsRefused: 0,
      resetsSent: 0,
      resetsReceived: 0,
    });
  });

  test.each([0, 1, 16_384, 16_385, 65_535, 65_536, 3_000_000])(
    "accept() echoes %i bytes with trailers",
    async (size) => {
      await using serving = await serve(echo);
      await using client = foreignClient(serving.port);
      const { body, trailers } = await ask(client, pattern(size), { ":method": "POST" });
      expect(body.equals(pattern(size))).toBe(true);
      expect(trailers["x-echoed"]).toBe("yes");
    },
  );

  test("accept() moves large bodies both ways through small windows", async () => {
    await using serving = await serve(echo, {
      initialWindowBytes: 1000,
      connectionWindowBytes: 65_535,
    });
    await using client = foreignClient(serving.port, { settings: { initialWindowSize: 777 } });
    const bodies = await Promise.all(
      Array.from({ length: 8 }, () => ask(client, pattern(200_000))),
    );
    for (const { body } of bodies) expect(body.equals(pattern(200_000))).toBe(true);
  });

  test("accept() keeps many interleaved streams apart", async () => {
    await using serving = await serve(echo);
    await using client = foreignClient(serving.port, { maxSessionMemory: 100 });
    const sizes = Array.from({ length: 300 }, (_, at) => at * 331);
    const answers = await Promise.all(sizes.map((size) => ask(client, pattern(size))));
    for (const [at, { body }] of answers.entries())
      expect(body.equals(pattern(sizes[at] ?? 0))).toBe(true);
    expect((await serving.session(0)).openStreams).toBe(0);
  });

  test("accept() sends a whole answer that does not fit the window, and the trailers last", async () => {
    const body = pattern(500_000);
    await using serving = await serve((stream) => {
      stream.respond(ok, body, ["x-last", "1"]);
      return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
    });
    await using client = foreignClient(serving.port, { settings: { initialWindowSize: 5000 } });
    const answer = await ask(client);
    expect(answer.body.equals(body)).toBe(true);
    expect(answer.trailers["x-last"]).toBe("1");
  });

  test("accept() ends a stream of several waiting pieces with END_STREAM once", async () => {
    await using serving = await serve((stream) => {
      stream.sendHeaders(ok, false);
      for (let piece = 0; piece < 10; piece += 1) stream.write(pattern(30_000), false);
      stream.write(Buffer.alloc(0), true);
      stream.write(Buffer.from("after the end"), true);
      return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
    });
    await using client = foreignClient(serving.port, { settings: { initialWindowSize: 1000 } });
    expect((await ask(client)).body).toHaveLength(300_000);
  });

  test("accept() ends a stream whose body has all gone to a full socket", async () => {
    await using serving = await serve((stream) => {
      stream.sendHeaders(ok, false);
      // More than a turn may hold, within the windows: nothing waits but the end.
      while (stream.write(pattern(100_000), false));
      stream.write(Buffer.alloc(0), true);
      return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
    });
    await using client = foreignClient(serving.port, {
      settings: { initialWindowSize: 4_000_000 },
    });
    await once(client, "connect");
    client.setLocalWindowSize(4_000_000);
    await new Promise((resolve) => client.ping(resolve));
    const { body } = await ask(client);
    expect(body.length % 100_000).toBe(0);
    expect(body.length).toBeLessThan(700_000);
  });

  test("accept() reads and writes header lists over one frame", async () => {
    await using serving = await serve(reflect);
    await using client = foreignClient(serving.port, {
      maxHeaderListPairs: 1000,
      settings: { maxHeaderListSize: 100_000 },
    });
    const long = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`x-long-${at}`, String(at).repeat(500)]),
    );
    const { headers } = await ask(client, Buffer.alloc(0), long);
    expect(headers).toMatchObject(long);
  });

  test("accept() answers 431 to a header list over the limit and goes on", async () => {
    await using serving = await serve(answerOk, { maxHeaderListBytes: 2000 });
    await using client = foreignClient(serving.port);
    expect((await ask(client, Buffer.alloc(0), { "x-a": "1".repeat(1950) })).status).toBe(431);
    expect((await ask(client)).status).toBe(200);
    expect((await serving.session(0)).counters.streamsRefused).toBe(1);
  });

  test("accept() takes any fields, whatever their table, as they were sent", async () => {
    const names = fc.stringMatching(/^x-[a-z0-9-]{1,12}$/);
    const values = fc.stringMatching(/^[!-~]([ -~]{0,200}[!-~])?$/);
    const lists = fc.array(
      fc.uniqueArray(fc.tuple(names, values), { selector: ([name]) => name, maxLength: 12 }),
      { minLength: 1, maxLength: 12 },
    );
    for (const headerTableBytes of [0, 100, 4096, 65_536]) {
      await using serving = await serve(reflect, { headerTableBytes });
      await using client = foreignClient(serving.port);
      await fc.assert(
        fc.asyncProperty(lists, async (all) => {
          for (const list of all) {
            const fields = Object.fromEntries(list);
            expect((await ask(client, Buffer.alloc(0), fields)).headers).toMatchObject(fields);
          }
        }),
        { numRuns: 25 },
      );
    }
  });

  test("accept() tells an encoder whose table the peer made small", async () => {
    await using serving = await serve(reflect);
    await using client = foreignClient(serving.port, { settings: { headerTableSize: 0 } });
    for (let round = 0; round < 3; round += 1) {
      expect(
        (await ask(client, Buffer.alloc(0), { "x-round": String(round) })).headers["x-round"],
      ).toBe(String(round));
    }
  });

  test("accept() goes by SETTINGS that change while streams are open", async () => {
    await using serving = await serve((stream) => {
      stream.respond(ok, pattern(400_000), undefined);
      return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
    });
    await using client = foreignClient(serving.port, { settings: { initialWindowSize: 0 } });
    const waiting = [ask(client), ask(client)];
    const session = await serving.session(0);
    await expect.poll(() => session.openStreams).toBe(2);
    client.settings({ initialWindowSize: 10_000 });
    client.settings({ initialWindowSize: 3 });
    client.settings({ initialWindowSize: 60_000, maxFrameSize: 20_000 });
    for (const { body } of await Promise.all(waiting))
      expect(body.equals(pattern(400_000))).toBe(true);
  });

  test("accept() finishes open streams after close() and then closes", async () => {
    const open: Stream[] = [];
    await using serving = await serve((stream) => {
      open.push(stream);
      return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
    });
    await using client = foreignClient(serving.port);
    const first = ask(client);
    const session = await serving.session(0);
    await expect.poll(() => session.openStreams).toBe(1);
    const goaways: number[] = [];
    client.on("goaway", (_code, lastId) => goaways.push(lastId));
    const closing = session.close();
    // The second GOAWAY follows the answer to a PING behind the first.
    await expect.poll(() => goaways).toEqual([0x7fff_ffff, 1]);
    open[0]?.respond(ok, Buffer.from("late"), undefined);
    expect((await first).body.toString()).toBe("late");
    await closing;
    expect(await session.closed).toBeUndefined();
  });

  test("accept() closes at once when no stream is open, with a signal cuts those that are", async () => {
    await using serving = await serve(() => ({
      onData() {},
      onEnd() {},
      onDrain() {},
      onAbort() {},
    }));
    await using idle = foreignClient(serving.port);
    await new Promise((resolve) => idle.ping(resolve));
    await (await serving.session(0)).close();
    await using busy = foreignClient(serving.port);
    const asked = ask(busy);
    const session = await serving.session(1);
    await expect.poll(() => session.openStreams).toBe(1);
    const stop = new AbortController();
    const closing = session.close(stop.signal);
    stop.abort();
    await closing;
    await asked.catch(() => undefined);
    expect(session.openStreams).toBe(0);
    await session.close();
  });

  test("accept() tells the listener once when a client resets its stream", async () => {
    const aborts: string[] = [];
    await using serving = await serve((stream) => {
      stream.sendHeaders(ok, false);
      return {
        onData() {},
        onEnd() {},
        onDrain() {},
        onAbort: ({ code, remote }) => aborts.push(`${code} ${remote}`),
      };
    });
    await using client = foreignClient(serving.port);
    const stream = client.request({ ":path": "/" });
    stream.on("error", () => undefined);
    await new Promise((resolve) => stream.on("response", resolve));
    stream.close(errorCodes.cancel);
    await new Promise((resolve) => stream.on("close", resolve));
    await new Promise((resolve) => client.ping(resolve));
    expect(aborts).toEqual([`${errorCodes.cancel} true`]);
  });

  test("accept() refuses streams above the limit with REFUSED_STREAM", async () => {
    const open: Stream[] = [];
    await using serving = await serve(
      (stream) => {
        open.push(stream);
        return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
      },
      { maxConcurrentStreams: 2 },
    );
    // More than it is allowed to: all go out before the settings arrive.
    await using client = foreignClient(serving.port);
    const asked = [ask(client), ask(client), ask(client)];
    await expect(asked[2]).rejects.toThrow("NGHTTP2_REFUSED_STREAM");
    for (const stream of open) stream.respond(ok, Buffer.from("ok"), undefined);
    expect((await Promise.all(asked.slice(0, 2))).map(({ status }) => status)).toEqual([200, 200]);
    expect((await serving.session(0)).counters.streamsRefused).toBe(1);
  });

  test("accept() hands out the same block for the same request", async () => {
    const blocks: HeaderBlock[] = [];
    await using serving = await serve((stream, headers, endStream) => {
      blocks.push(headers);
      return answerOk(stream, headers, endStream);
    });
    await using client = foreignClient(serving.port);
    for (let round = 0; round < 4; round += 1) await ask(client);
    expect(blocks[3]).toBe(blocks[2]);
  });
});
