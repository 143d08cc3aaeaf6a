import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { encodeHeaders, engine, errorCodes, type Session, type Stream } from "./index.ts";
import { call, openClient, postRequest } from "./testdata/local-client.ts";
import { frame, get, RawPeer, types, word } from "./testdata/raw-peer.ts";
import { ask, foreignClient, pattern, serve, stillServes } from "./testdata/serving.ts";

const ok = encodeHeaders([":status", "200"]);

describe("flow control", () => {
  test("a reader that does not consume stops the sender at the window", async () => {
    const held: Stream[] = [];
    let received = 0;
    await using serving = await serve(
      (stream) => {
        held.push(stream);
        return {
          onData: (chunk) => (received += chunk.length),
          onEnd() {},
          onDrain() {},
          onAbort() {},
        };
      },
      { initialWindowBytes: 100_000 },
    );
    await using session = await openClient(serving.port);
    await session.ping();
    const { stream, ears } = call(session, postRequest, { endStream: false });
    expect(stream.write(pattern(250_000), false)).toBe(false);
    await session.ping();
    expect(received).toBe(100_000);
    expect(ears.drains).toBe(0);
    held[0]?.consume(100_000);
    await expect.poll(() => received).toBe(200_000);
    expect(ears.drains).toBe(0);
    held[0]?.consume(100_000);
    await ears.until(() => ears.drains === 1);
    await expect.poll(() => received).toBe(250_000);
  });

  test("the connection's window comes back for streams that were reset with bytes unread", async () => {
    await using serving = await serve(
      (stream, { fields }) => ({
        onData: (chunk) =>
          fields[1] === "PUT" ? stream.reset(errorCodes.cancel) : stream.consume(chunk.length),
        onEnd: () => stream.respond(ok, Buffer.from("ok"), undefined),
        onDrain() {},
        onAbort() {},
      }),
      { connectionWindowBytes: 65_535, initialWindowBytes: 65_535 },
    );
    await using session = await openClient(serving.port);
    for (let round = 0; round < 20; round += 1) {
      const { ears } = call(
        session,
        [":method", "PUT", ":scheme", "http", ":path", "/", ":authority", "a"],
        {
          body: pattern(40_000),
        },
      );
      expect(await ears.ended).toBe("abort");
    }
    const { ears } = call(session, postRequest, { body: pattern(500_000) });
    expect(await ears.ended).toBe("end");
    expect(ears.body.toString()).toBe("ok");
  });

  test("64 MiB through a stream with a slow reader keep no more than the windows", async () => {
    const total = 67_108_864;
    const piece = pattern(65_536);
    let written = 0;
    let read = 0;
    let most = 0;
    const window = 262_144;
    await using serving = await serve((stream) => {
      stream.sendHeaders(ok, false);
      const write = (): void => {
        while (written < total) {
          written += piece.length;
          if (!stream.write(piece, written === total)) return;
        }
      };
      write();
      return { onData() {}, onEnd() {}, onDrain: write, onAbort() {} };
    });
    await using session = await openClient(serving.port, { initialWindowBytes: window });
    const { stream, ears } = call(session);
    ears.reads = false;
    while (read < total) {
      await ears.until(() => ears.received > read);
      const upTo = ears.received;
      const unread = upTo - read;
      expect(unread).toBeLessThanOrEqual(window);
      most = Math.max(most, written - read);
      await turn();
      read = upTo;
      ears.pieces.length = 0;
      stream.consume(unread);
    }
    expect(await ears.ended).toBe("end");
    // One window under way, and one piece that waits for it.
    expect(most).toBeLessThanOrEqual(window + piece.length);
  });

  test("write() answers false within one turn however large the peer's windows are", async () => {
    let written = 0;
    await using serving = await serve((stream) => {
      stream.sendHeaders(ok, false);
      while (stream.write(pattern(1000), false)) written += 1000;
      return {
        onData() {},
        onEnd() {},
        onDrain: () => stream.write(Buffer.alloc(0), true),
        onAbort() {},
      };
    });
    using peer = await RawPeer.open(serving.port, [4, 0x7fff_ffff]);
    peer.send(frame(types.windowUpdate, 0, { payload: word(0x7fff_0000) }), get(1));
    await peer.find(({ type, flags }) => type === types.data && (flags & 1) === 1);
    expect(written).toBeLessThan(600_000);
  });

  test("a server whose own window is below the protocol's takes what was sent before its SETTINGS were read", async () => {
    let received = 0;
    await using serving = await serve(
      (stream) => ({
        onData(chunk) {
          received += chunk.length;
          stream.consume(chunk.length);
        },
        onEnd: () => stream.respond(ok, Buffer.alloc(0), undefined),
        onDrain() {},
        onAbort() {},
      }),
      { initialWindowBytes: 10, connectionWindowBytes: 65_535 },
    );
    await using client = foreignClient(serving.port);
    expect((await ask(client, pattern(150_000))).status).toBe(200);
    expect(received).toBe(150_000);
  });
});

describe("callbacks", () => {
  const places = ["accept", "onData", "onEnd", "onAbort", "onDrain"] as const;

  test.each(places)(
    "an error thrown by %s ends its session with INTERNAL_ERROR and no other",
    async (place) => {
      const boom = (at: string): void => {
        if (at === place) throw new Error("boom");
      };
      await using serving = await serve((stream, { fields }) => {
        if (fields.includes("GET")) {
          stream.respond(ok, Buffer.from("ok"), undefined);
          return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
        }
        boom("accept");
        stream.sendHeaders(ok, false);
        if (place === "onDrain") stream.write(pattern(100_000), false);
        return {
          onData: () => boom("onData"),
          onEnd: () => boom("onEnd"),
          onDrain: () => boom("onDrain"),
          onAbort: () => boom("onAbort"),
        };
      });
      using peer = await RawPeer.open(serving.port);
      const block = encodeHeaders([
        ":method",
        "POST",
        ":scheme",
        "http",
        ":path",
        "/",
        ":authority",
        "a",
      ]).bytes;
      peer.send(
        get(1, { endStream: false, block }),
        frame(types.data, 1, { payload: Buffer.from("x") }),
      );
      if (place === "onEnd") peer.send(frame(types.data, 1, { flags: 1 }));
      if (place === "onAbort") peer.send(frame(types.rstStream, 1, { payload: word(8) }));
      if (place === "onDrain") {
        peer.send(
          frame(types.windowUpdate, 1, { payload: word(100_000) }),
          frame(types.windowUpdate, 0, { payload: word(100_000) }),
        );
      }
      expect((await peer.end())?.code).toBe(errorCodes.internalError);
      const error = await (await serving.session(0)).closed;
      expect(error).toMatchObject({
        code: errorCodes.internalError,
        cause: expect.objectContaining({ message: "boom" }),
      });
      expect(await stillServes(serving.port)).toBe("200 ok");
    },
  );

  test("streams may be reset inside each other's callbacks", async () => {
    const streams: Stream[] = [];
    let aborts = 0;
    await using serving = await serve((stream) => {
      streams.push(stream);
      stream.sendHeaders(ok, false);
      stream.write(pattern(20_000), false);
      const resetAll = (): void => {
        for (const each of streams) each.reset(errorCodes.cancel);
      };
      return {
        onData() {},
        onEnd() {},
        onDrain: resetAll,
        onAbort() {
          aborts += 1;
          resetAll();
        },
      };
    });
    using peer = await RawPeer.open(serving.port, [4, 0]);
    peer.send(
      ...Array.from({ length: 10 }, (_, at) => get(at * 2 + 1)),
      frame(types.settings, 0, { flags: 1 }),
    );
    await peer.find(({ id }) => id === 19);
    peer.send(frame(types.windowUpdate, 7, { payload: word(50_000) }));
    await peer.settled();
    expect(aborts).toBe(10);
    expect((await serving.session(0)).openStreams).toBe(0);
  });
});

describe("the end", () => {
  test("close() of a server lets a slow reader have all of an answer that has ended", async () => {
    const body = pattern(3_000_000);
    await using serving = await serve((stream) => {
      stream.respond(ok, body, undefined);
      return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
    });
    using peer = await RawPeer.open(serving.port, [4, 0x7fff_ffff]);
    peer.socket.pause();
    peer.send(frame(types.windowUpdate, 0, { payload: word(0x7000_0000) }), get(1));
    const session = await serving.session(0);
    await expect.poll(() => session.counters.streamsOpened).toBe(1);
    peer.send(frame(types.goaway, 0, { payload: Buffer.alloc(8) }));
    await turn();
    peer.socket.resume();
    await peer.closed();
    const sent = peer.frames.filter(({ type }) => type === types.data);
    expect(Buffer.concat(sent.map(({ payload }) => payload)).equals(body)).toBe(true);
    expect(await session.closed).toBeUndefined();
  });

  test("frames of streams above the last GOAWAY are passed over", async () => {
    const held: Stream[] = [];
    await using serving = await serve((stream) => {
      held.push(stream);
      return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
    });
    using peer = await RawPeer.open(serving.port);
    peer.send(get(1));
    await expect.poll(() => held.length).toBe(1);
    const closing = held[0]?.session.close();
    const ping = await peer.find(({ type }) => type === types.ping);
    peer.send(frame(types.ping, 0, { flags: 1, payload: ping?.payload ?? Buffer.alloc(8) }));
    await peer.find(({ type, payload }) => type === types.goaway && payload.readUInt32BE(0) === 1);
    peer.send(
      get(3, { endStream: false }),
      frame(types.data, 3, { flags: 1, payload: Buffer.from("late") }),
    );
    await peer.settled();
    held[0]?.respond(ok, Buffer.from("ok"), undefined);
    expect(await peer.end()).toEqual({ code: errorCodes.noError, text: "" });
    await closing;
    expect(held).toHaveLength(1);
  });

  test("accept() of a socket that is closed already settles closed", async () => {
    await using serving = await serve();
    using peer = await RawPeer.connect(serving.port);
    peer.socket.destroy();
    await once(peer.socket, "close");
    const session: Session = engine().connect(peer.socket);
    expect(await session.closed).toBeUndefined();
    await session.close();
  });
});
