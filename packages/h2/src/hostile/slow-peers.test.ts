import { afterEach, describe, expect, test, vi } from "vitest";
import { encodeHeaders, errorCodes, type StreamAcceptor } from "../index.ts";
import { repeat } from "../testdata/attacks.ts";
import { frame, get, preface, RawPeer, request, types, word } from "../testdata/raw-peer.ts";
import { answerOk, pattern, serve, stillServes } from "../testdata/serving.ts";

const ok = encodeHeaders([":status", "200"]);
const calm = errorCodes.enhanceYourCalm;

/** Answers with headers alone. */
const bare: StreamAcceptor = (stream, headers, endStream) => {
  stream.respond(ok, Buffer.alloc(0), undefined);
  return hold(stream, headers, endStream);
};

/** Never answers. */
const hold: StreamAcceptor = () => ({ onData() {}, onEnd() {}, onDrain() {}, onAbort() {} });

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
