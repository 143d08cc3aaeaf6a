import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { engine, errorCodes } from "./index.ts";
import { call, openClient } from "./testdata/local-client.ts";
import { frame, RawPeer, types } from "./testdata/raw-peer.ts";
import { answerOk, serve } from "./testdata/serving.ts";

const ack = frame(types.settings, 0, { flags: 1 });

describe("the times of a session", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("keepaliveIntervalMs sends a PING to a silent peer, and no answer cuts the session", async () => {
    await using serving = await serve(answerOk, {
      keepaliveIntervalMs: 10_000,
      keepaliveTimeoutMs: 5000,
    });
    using peer = await RawPeer.open(serving.port);
    peer.send(ack);
    await peer.settled();
    vi.advanceTimersByTime(9000);
    vi.advanceTimersByTime(2000);
    expect(await peer.find(({ type, flags }) => type === types.ping && flags === 0)).toBeDefined();
    vi.advanceTimersByTime(3000);
    expect((await serving.session(0)).socket.destroyed).toBe(false);
    expect((await serving.session(0)).counters.keepalivesSent).toBe(1);
    vi.advanceTimersByTime(3000);
    expect(await peer.end()).toMatchObject({
      code: errorCodes.noError,
      text: expect.stringContaining("keepalive"),
    });
  });

  test("keepaliveIntervalMs keeps a session whose peer answers", async () => {
    await using serving = await serve(answerOk, { minPingIntervalMs: 0 });
    await using session = await openClient(serving.port, {
      keepaliveIntervalMs: 10_000,
      keepaliveTimeoutMs: 5000,
    });
    await session.ping();
    const served = await serving.session(0);
    for (let round = 1; round <= 4; round += 1) {
      vi.advanceTimersByTime(11_500);
      // The keepalive's own comes before this one.
      await session.ping();
      expect(served.counters.pingsReceived).toBe(1 + round * 2);
      expect(session.counters.keepalivesSent).toBe(round);
    }
    expect(served.counters.keepalivesSent).toBe(0);
    expect(session.available).toBe(true);
  });

  test("idleTimeoutMs closes a connection without streams, and calls that come and go keep it", async () => {
    await using serving = await serve(answerOk, { idleTimeoutMs: 3000 });
    await using session = await openClient(serving.port);
    for (let second = 0; second < 6; second += 1) {
      await call(session).ears.ended;
      vi.advanceTimersByTime(1000);
    }
    expect(session.available).toBe(true);
    vi.advanceTimersByTime(5000);
    expect(await session.closed).toBeUndefined();
  });

  test("maxConnectionAgeMs closes gracefully within a tenth of its time, and cuts after the grace", async () => {
    await using serving = await serve(
      () => ({ onData() {}, onEnd() {}, onDrain() {}, onAbort() {} }),
      { maxConnectionAgeMs: 20_000, maxConnectionAgeGraceMs: 5000 },
    );
    await using session = await openClient(serving.port);
    const { ears } = call(session);
    await session.ping();
    vi.advanceTimersByTime(17_500);
    await session.ping();
    expect(session.available).toBe(true);
    vi.advanceTimersByTime(6000);
    await expect.poll(() => session.available).toBe(false);
    expect(session.openStreams).toBe(1);
    vi.advanceTimersByTime(7000);
    expect(await ears.ended).toBe("abort");
  });

  test("accept() leaves no timer behind when its last session is gone", async () => {
    {
      await using serving = await serve();
      await using session = await openClient(serving.port);
      await session.ping();
      expect(vi.getTimerCount()).toBe(1);
    }
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("engine()", () => {
  test.each([
    ["maxFrameBytes", 16_383],
    ["initialWindowBytes", 0],
    ["connectionWindowBytes", 65_534],
    ["maxHeaderListBytes", 1023],
    ["headerTableBytes", -1],
    ["maxConcurrentStreams", 1.5],
    ["keepaliveIntervalMs", -1],
    ["keepaliveTimeoutMs", Number.NaN],
    ["prefaceTimeoutMs", -1],
    ["headersTimeoutMs", -1],
    ["idleTimeoutMs", -1],
    ["maxConnectionAgeMs", -1],
    ["maxConnectionAgeGraceMs", -1],
    ["minPingIntervalMs", -1],
    ["writeTimeoutMs", Number.NaN],
  ])("engine() refuses '%s' of %d", async (name, value) => {
    await using serving = await serve();
    using peer = await RawPeer.connect(serving.port);
    expect(() => engine().connect(peer.socket, { [name]: value })).toThrow(RangeError);
  });
});
