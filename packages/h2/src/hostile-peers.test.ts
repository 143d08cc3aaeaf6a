import { afterEach, describe, expect, test, vi } from "vitest";
import {
  encodeHeaders,
  errorCodes,
  type ServerSessionOptions,
  type StreamAcceptor,
} from "./index.ts";
import {
  frame,
  get,
  preface,
  RawPeer,
  request,
  settings,
  types,
  word,
} from "./testdata/raw-peer.ts";
import { answerOk, pattern, serve, stillServes } from "./testdata/serving.ts";

const ok = encodeHeaders([":status", "200"]);
const calm = errorCodes.enhanceYourCalm;
/** More than any budget of cheap frames that a second of work could refill. */
const many = 3000;

/** Never answers. */
const hold: StreamAcceptor = () => ({ onData() {}, onEnd() {}, onDrain() {}, onAbort() {} });

function repeat(make: (at: number) => Buffer, count = many): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, at) => make(at)));
}

/** What the attack ends in: the code and text of GOAWAY; and that others are served still. */
async function endOf(
  attack: (peer: RawPeer) => void | Promise<void>,
  {
    acceptor = answerOk,
    options = {},
  }: { acceptor?: StreamAcceptor; options?: ServerSessionOptions } = {},
): Promise<{
  code: number | undefined;
  text: string;
  error: number | undefined;
  counters: Record<string, number>;
}> {
  await using serving = await serve(acceptor, options);
  using peer = await RawPeer.open(serving.port);
  const session = await serving.session(0);
  await attack(peer);
  const end = await peer.end();
  const error = await session.closed;
  expect(session.openStreams).toBe(0);
  expect(await stillServes(serving.port)).toBe(acceptor === answerOk ? "200 ok" : "200 ");
  return {
    code: end?.code,
    text: end?.text ?? "",
    error: error?.code,
    counters: { ...session.counters },
  };
}

/** Answers the well-behaved, and holds the streams of whoever asks with POST. */
const bare: StreamAcceptor = (stream, { fields }, endStream) => {
  if (fields.includes("GET")) stream.respond(ok, Buffer.alloc(0), undefined);
  return hold(stream, { fields, parsed: undefined }, endStream);
};
const post = encodeHeaders([
  ":method",
  "POST",
  ":scheme",
  "http",
  ":path",
  "/",
  ":authority",
  "a",
]).bytes;

describe("floods", () => {
  test("a rapid reset ends in ENHANCE_YOUR_CALM", async () => {
    let opened = 0;
    const acceptor: StreamAcceptor = (stream, headers, endStream) => {
      opened += 1;
      return answerOk(stream, headers, endStream);
    };
    await using serving = await serve(acceptor);
    using peer = await RawPeer.open(serving.port);
    peer.send(
      repeat(
        (at) =>
          Buffer.concat([
            get(at * 2 + 1),
            frame(types.rstStream, at * 2 + 1, { payload: word(8) }),
          ]),
        20_000,
      ),
    );
    expect(await peer.end()).toMatchObject({
      code: calm,
      text: expect.stringContaining("RST_STREAM"),
    });
    // The burst of a thousand, and what the time of the test refilled.
    expect(opened).toBeLessThan(2000);
    expect(await stillServes(serving.port)).toBe("200 ok");
  });

  test.each([
    ["WINDOW_UPDATE of zero", (id: number) => frame(types.windowUpdate, id, { payload: word(0) })],
    [
      "a window that overflows",
      (id: number) => frame(types.windowUpdate, id, { payload: word(0x7fff_ffff) }),
    ],
    ["HEADERS on a half-closed stream", (id: number) => get(id)],
    [
      "DATA on a half-closed stream",
      (id: number) => frame(types.data, id, { payload: Buffer.from("x") }),
    ],
    [
      "PRIORITY of a wrong size",
      (id: number) => frame(types.priority, id, { payload: Buffer.alloc(4) }),
    ],
  ])("resets that the peer provokes by %s end in ENHANCE_YOUR_CALM", async (_name, provoke) => {
    const { code, counters } = await endOf(
      (peer) =>
        peer.send(
          repeat((at) => Buffer.concat([get(at * 2 + 1, { block: post }), provoke(at * 2 + 1)])),
        ),
      { acceptor: bare },
    );
    expect(code).toBe(calm);
    expect(counters["streamsOpened"]).toBeLessThan(2000);
  });

  test.each([
    ["SETTINGS", () => settings([4, 65_535])],
    ["SETTINGS acknowledgement", () => frame(types.settings, 0, { flags: 1 })],
    ["PING", () => frame(types.ping, 0, { payload: Buffer.alloc(8) })],
    ["PING acknowledgement", () => frame(types.ping, 0, { flags: 1, payload: Buffer.alloc(8) })],
    [
      "PRIORITY",
      (at: number) =>
        frame(types.priority, at * 2 + 1, { payload: Buffer.concat([word(0), Buffer.from([7])]) }),
    ],
    ["WINDOW_UPDATE", () => frame(types.windowUpdate, 0, { payload: word(1) })],
    ["unknown frame", () => frame(0x42, 0)],
    ["GOAWAY", () => frame(types.goaway, 0, { payload: Buffer.alloc(8) })],
  ])("a %s flood ends in ENHANCE_YOUR_CALM", async (name, make) => {
    const { code, text, error } = await endOf(
      (peer) => peer.send(get(1, { block: post, endStream: false }), repeat(make)),
      { acceptor: bare, options: { minPingIntervalMs: 0 } },
    );
    expect({ code, error }).toEqual({ code: calm, error: calm });
    expect(text).toContain(name);
  });

  test("a SETTINGS frame full of windows costs as much as many", async () => {
    const full = settings(...Array.from({ length: 2700 }, (_, at) => [4, at] as const));
    const { code, counters } = await endOf((peer) => peer.send(repeat(() => full, 10)));
    expect(code).toBe(calm);
    expect(counters["settingsReceived"]).toBeLessThan(6);
  });

  test("PINGs below their interval end in ENHANCE_YOUR_CALM with too_many_pings", async () => {
    const ping = frame(types.ping, 0, { payload: Buffer.alloc(8) });
    const { code, text } = await endOf((peer) => peer.send(repeat(() => ping, 4)));
    expect({ code, text }).toEqual({ code: calm, text: "too_many_pings" });
  });

  test.each([
    ["without padding", frame(types.data, 1)],
    [
      "of padding alone",
      frame(types.data, 1, {
        flags: 8,
        payload: Buffer.concat([Buffer.from([255]), Buffer.alloc(255)]),
      }),
    ],
  ])("a flood of empty DATA %s ends in ENHANCE_YOUR_CALM", async (_name, empty) => {
    const { code, text } = await endOf((peer) =>
      peer.send(
        get(1, { endStream: false }),
        repeat(() => empty),
      ),
    );
    expect(code).toBe(calm);
    expect(text).toContain("empty DATA");
  });

  test("a flood of empty HEADERS ends in ENHANCE_YOUR_CALM", async () => {
    const { code } = await endOf((peer) =>
      peer.send(repeat((at) => get(at * 2 + 1, { block: Buffer.alloc(0) }))),
    );
    expect(code).toBe(calm);
  });

  test("a flood of trailers without END_STREAM ends in ENHANCE_YOUR_CALM", async () => {
    const { code } = await endOf(
      (peer) =>
        peer.send(
          repeat((at) =>
            Buffer.concat([
              get(at * 2 + 1, { endStream: false }),
              get(at * 2 + 1, { endStream: false, block: Buffer.alloc(0) }),
            ]),
          ),
        ),
      { acceptor: bare },
    );
    expect(code).toBe(calm);
  });

  test.each([
    ["bytes", Buffer.alloc(16_384, 0x61), 6],
    ["frames of one byte", Buffer.from("a"), 100],
    ["empty frames", Buffer.alloc(0), 100],
  ])("a CONTINUATION flood of %s ends in ENHANCE_YOUR_CALM", async (_name, payload, count) => {
    const { code, text } = await endOf((peer) =>
      peer.send(
        frame(types.headers, 1, { payload: request }),
        repeat(() => frame(types.continuation, 1, { payload }), count),
      ),
    );
    expect(code).toBe(calm);
    expect(text).toContain("64 frames");
  });

  test("streams beyond the limit are refused, and many of them end in ENHANCE_YOUR_CALM", async () => {
    await using serving = await serve(bare, { maxConcurrentStreams: 5 });
    using peer = await RawPeer.open(serving.port);
    peer.send(repeat((at) => get(at * 2 + 1, { block: post }), 7));
    expect(await peer.resetOf(11)).toBe(errorCodes.refusedStream);
    expect(await peer.resetOf(13)).toBe(errorCodes.refusedStream);
    const session = await serving.session(0);
    expect(session.openStreams).toBe(5);
    peer.send(repeat((at) => get(at * 2 + 15, { block: post })));
    expect((await peer.end())?.code).toBe(calm);
    expect(session.counters.streamsOpened).toBe(5);
    expect(session.counters.streamsRefused).toBeGreaterThanOrEqual(999);
    expect(await stillServes(serving.port)).toBe("200 ");
  });
});

describe("HPACK attacks", () => {
  test("an HPACK bomb is answered with 431 and, over and over, with ENHANCE_YOUR_CALM", async () => {
    const name = Buffer.from("x-bomb");
    const value = Buffer.alloc(3900, 0x61);
    const entry = Buffer.concat([
      request,
      Buffer.from([0x40, name.length]),
      name,
      Buffer.from([0x7f, 0xbd, 0x1d]),
      value,
    ]);
    const bomb = Buffer.concat([request, Buffer.alloc(16_000, 0xbe)]);
    await using serving = await serve();
    using peer = await RawPeer.open(serving.port);
    peer.send(get(1, { block: entry }), get(3, { block: bomb }));
    const refused = await peer.find(({ type, id }) => type === types.headers && id === 3);
    expect(refused?.payload.toString("latin1")).toContain("431");
    peer.send(repeat((at) => get(at * 2 + 5, { block: bomb }), 30));
    expect((await peer.end())?.code).toBe(calm);
    expect(await stillServes(serving.port)).toBe("200 ok");
  });

  test("table thrash is served right, with no more than the table kept", async () => {
    await using serving = await serve();
    using peer = await RawPeer.open(serving.port);
    const block = (at: number): Buffer =>
      Buffer.concat([
        Buffer.from([0x20, 0x3f, 0xe1, 0x1f]),
        request,
        Buffer.from([0x40, 4]),
        Buffer.from(String(1000 + at)),
        Buffer.from([4]),
        Buffer.from(String(1000 + at)),
      ]);
    peer.send(repeat((at) => get(at * 2 + 1, { block: block(at) }), 2000));
    const last = await peer.find(({ type, id }) => type === types.data && id === 3999);
    expect(last?.payload.toString()).toBe("ok");
    expect(await stillServes(serving.port)).toBe("200 ok");
  });

  test.each([
    ["a block that decodes to nothing", Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff])],
    ["a table larger than offered", Buffer.from([0x3f, 0xe2, 0x1f])],
  ])("%s ends in COMPRESSION_ERROR", async (_name, block) => {
    const { code } = await endOf((peer) => peer.send(get(1, { block })));
    expect(code).toBe(errorCodes.compressionError);
  });
});

describe("other protocols and broken frames", () => {
  test.each([
    ["garbage", Buffer.from("\u0000\u0001garbage of more than a preface")],
    ["an HTTP/1.1 request", Buffer.from("GET / HTTP/1.1\r\nhost: a\r\n\r\n")],
    ["a TLS hello", Buffer.from("160301020001", "hex")],
    ["a preface without SETTINGS", Buffer.concat([preface, get(1)])],
  ])("%s ends in PROTOCOL_ERROR", async (_name, bytes) => {
    await using serving = await serve();
    using peer = await RawPeer.connect(serving.port);
    peer.send(bytes);
    expect((await peer.end())?.code).toBe(errorCodes.protocolError);
    expect(await stillServes(serving.port)).toBe("200 ok");
  });

  test("what follows the end of a session is not looked at", async () => {
    let opened = 0;
    const acceptor: StreamAcceptor = (stream) => {
      opened += 1;
      stream.session.destroy(errorCodes.internalError, "stop");
      return hold(stream, { fields: [], parsed: undefined }, true);
    };
    await using serving = await serve(acceptor);
    using peer = await RawPeer.open(serving.port);
    peer.send(repeat((at) => get(at * 2 + 1), 50));
    expect(await peer.end()).toEqual({ code: errorCodes.internalError, text: "stop" });
    expect(opened).toBe(1);
  });

  test("padding that takes the whole frame ends in PROTOCOL_ERROR", async () => {
    const { code } = await endOf((peer) =>
      peer.send(
        get(1, { endStream: false }),
        frame(types.data, 1, { flags: 8, payload: Buffer.from([3, 0, 0]) }),
      ),
    );
    expect(code).toBe(errorCodes.protocolError);
  });

  test("huge padding counts against the windows and gives them back", async () => {
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
      { initialWindowBytes: 65_535, connectionWindowBytes: 65_535 },
    );
    using peer = await RawPeer.open(serving.port);
    const padded = frame(types.data, 1, {
      flags: 8,
      payload: Buffer.concat([Buffer.from([255, 1]), Buffer.alloc(255)]),
    });
    peer.send(get(1, { endStream: false }));
    let granted = 65_535;
    let updates = 0;
    for (let sent = 0; sent < 4000; sent += 1) {
      while (granted < 257) {
        await peer.find(
          () =>
            peer.frames.filter(({ type, id }) => type === types.windowUpdate && id === 0).length >
            updates,
        );
        for (const update of peer.frames
          .filter(({ type, id }) => type === types.windowUpdate && id === 0)
          .slice(updates)) {
          granted += update.payload.readUInt32BE(0);
          updates += 1;
        }
      }
      granted -= 257;
      peer.send(padded);
    }
    peer.send(frame(types.data, 1, { flags: 1 }));
    await peer.find(({ type, id }) => type === types.headers && id === 1);
    expect(received).toBe(4000);
  });
});

describe("peers that do not read", () => {
  test("requests whose answers nobody reads stop being read themselves", async () => {
    await using serving = await serve(bare);
    using peer = await RawPeer.open(serving.port);
    peer.socket.pause();
    const session = await serving.session(0);
    // Requests are no flood, but their answers pile up.
    for (let round = 0; !session.socket.isPaused() && round < 2000; round += 1) {
      peer.send(repeat((at) => get((round * 500 + at) * 2 + 1), 500));
      await new Promise(setImmediate);
    }
    expect(session.socket.isPaused()).toBe(true);
    expect(session.socket.writableLength).toBeLessThan(4_000_000);
    expect(await stillServes(serving.port)).toBe("200 ");
    peer.socket.resume();
    await expect.poll(() => session.socket.isPaused(), { timeout: 10_000 }).toBe(false);
  });
});

describe("slow peers", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Time that only a test moves; what waits for the network goes on. */
  function holdTime(): void {
    vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
  }

  async function stillServesOn(port: number): Promise<string> {
    vi.useRealTimers();
    return stillServes(port);
  }

  test("a preface that does not come ends in PROTOCOL_ERROR", async () => {
    holdTime();
    await using serving = await serve(answerOk, { prefaceTimeoutMs: 3000 });
    using peer = await RawPeer.connect(serving.port);
    peer.send(preface.subarray(0, 10));
    const session = await serving.session(0);
    vi.advanceTimersByTime(2900);
    expect(session.socket.writable).toBe(true);
    vi.advanceTimersByTime(1200);
    expect(await peer.end()).toMatchObject({
      code: errorCodes.protocolError,
      text: expect.stringContaining("slow preface"),
    });
    expect(await stillServesOn(serving.port)).toBe("200 ok");
  });

  test("SETTINGS that are not acknowledged end in SETTINGS_TIMEOUT", async () => {
    holdTime();
    await using serving = await serve();
    using peer = await RawPeer.open(serving.port);
    await peer.settled();
    vi.advanceTimersByTime(21_500);
    expect((await peer.end())?.code).toBe(errorCodes.settingsTimeout);
    expect(await stillServesOn(serving.port)).toBe("200 ok");
  });

  test.each([
    ["CONTINUATION", frame(types.headers, 1, { payload: request.subarray(0, 2) })],
    ["the rest of HEADERS", get(1).subarray(0, 12)],
    ["the rest of a frame's head", get(1).subarray(0, 2)],
  ])("headers that wait for %s end in ENHANCE_YOUR_CALM", async (_name, piece) => {
    holdTime();
    await using serving = await serve(answerOk, { headersTimeoutMs: 4000 });
    using peer = await RawPeer.open(serving.port);
    peer.send(frame(types.settings, 0, { flags: 1 }));
    await peer.settled();
    const session = await serving.session(0);
    const { bytesRead } = session.counters;
    peer.send(piece);
    await expect.poll(() => session.counters.bytesRead).toBe(bytesRead + piece.length);
    vi.advanceTimersByTime(3000);
    expect(session.socket.writable).toBe(true);
    vi.advanceTimersByTime(4000);
    expect(await peer.end()).toMatchObject({
      code: calm,
      text: expect.stringContaining("slow headers"),
    });
    expect(await stillServesOn(serving.port)).toBe("200 ok");
  });

  test.each([
    ["no window", 0, 0],
    ["a window of one byte now and then", 1, 1],
  ])("a stream whose whole answer waits for %s is reset", async (_name, window, more) => {
    holdTime();
    await using serving = await serve(
      (stream) => {
        stream.respond(ok, pattern(100_000), undefined);
        return hold(stream, { fields: [], parsed: undefined }, true);
      },
      { writeTimeoutMs: 5000, minPingIntervalMs: 0 },
    );
    using peer = await RawPeer.open(serving.port, [4, window]);
    peer.send(frame(types.settings, 0, { flags: 1 }), get(1));
    const session = await serving.session(0);
    await peer.find(({ type, id }) => type === types.headers && id === 1);
    for (let second = 0; second < 8; second += 1) {
      vi.advanceTimersByTime(1000);
      if (more > 0 && session.openStreams > 0)
        peer.send(frame(types.windowUpdate, 1, { payload: word(more) }));
      await peer.settled(second);
    }
    expect(await peer.resetOf(1)).toBe(calm);
    expect(session.openStreams).toBe(0);
    vi.useRealTimers();
  });

  test("a stream whose writer waits for the peer is left alone", async () => {
    holdTime();
    await using serving = await serve(
      (stream) => {
        stream.sendHeaders(ok, false);
        stream.write(pattern(100_000), false);
        return hold(stream, { fields: [], parsed: undefined }, true);
      },
      { writeTimeoutMs: 5000 },
    );
    using peer = await RawPeer.open(serving.port, [4, 0]);
    peer.send(frame(types.settings, 0, { flags: 1 }), get(1));
    await peer.find(({ type, id }) => type === types.headers && id === 1);
    vi.advanceTimersByTime(60_000);
    await peer.settled();
    expect((await serving.session(0)).openStreams).toBe(1);
    vi.useRealTimers();
  });

  test("a peer that leaves 32 MiB of answers without a window opens no further streams", async () => {
    const body = pattern(4_000_000);
    await using serving = await serve((stream, _headers, endStream) => {
      stream.respond(ok, body, undefined);
      return hold(stream, { fields: [], parsed: undefined }, endStream);
    });
    using peer = await RawPeer.open(serving.port, [4, 0]);
    peer.send(repeat((at) => get(at * 2 + 1), 10));
    expect(await peer.resetOf(19)).toBe(errorCodes.refusedStream);
    expect((await serving.session(0)).openStreams).toBe(9);
  });

  test("a connection whose peer does not read is cut after the write timeout", async () => {
    holdTime();
    await using serving = await serve(
      (stream) => {
        stream.respond(ok, pattern(20_000_000), undefined);
        return hold(stream, { fields: [], parsed: undefined }, true);
      },
      { writeTimeoutMs: 5000 },
    );
    using peer = await RawPeer.open(serving.port, [4, 0x7fff_ffff]);
    peer.send(
      frame(types.settings, 0, { flags: 1 }),
      frame(types.windowUpdate, 0, { payload: word(0x7fff_0000) }),
      get(1),
    );
    await peer.find(({ type }) => type === types.data);
    peer.socket.pause();
    const session = await serving.session(0);
    await expect.poll(() => session.socket.writableNeedDrain).toBe(true);
    vi.advanceTimersByTime(4000);
    expect(session.socket.destroyed).toBe(false);
    vi.advanceTimersByTime(4000);
    expect(await session.closed).toMatchObject({ code: calm });
    vi.useRealTimers();
  });
});
