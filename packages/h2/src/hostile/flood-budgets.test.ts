import { afterEach, expect, test, vi } from "vitest";
import { errorCodes } from "../index.ts";
import { floods, repeat, victim } from "../testdata/attacks.ts";
import { RawPeer } from "../testdata/raw-peer.ts";
import { serve, stillServes } from "../testdata/serving.ts";

afterEach(() => {
  vi.useRealTimers();
});

test.each(floods)(
  "engine() takes $allowed of $name in no time, and refuses the next with ENHANCE_YOUR_CALM",
  async ({ prelude, make, allowed, text }) => {
    // No budget is refilled while time stands still.
    vi.useFakeTimers({ toFake: ["performance"] });
    await using serving = await serve(victim, { minPingIntervalMs: 0 });
    using peer = await RawPeer.open(serving.port);
    const session = await serving.session(0);
    const taken = Buffer.concat([prelude ?? Buffer.alloc(0), repeat(make, allowed)]);
    const before = session.counters.bytesRead;
    peer.send(taken);
    const opening = 24 + 9;
    await expect
      .poll(() => session.counters.bytesRead, { interval: 2, timeout: 10_000 })
      .toBe(opening + taken.length);
    expect(before).toBeLessThanOrEqual(opening);
    expect(session.socket.writable).toBe(true);
    expect(session.openStreams).toBeLessThanOrEqual(1000);
    peer.send(make(allowed));
    const end = await peer.end();
    expect(end?.code).toBe(errorCodes.enhanceYourCalm);
    expect(end?.text).toContain(text);
    expect((await session.closed)?.code).toBe(errorCodes.enhanceYourCalm);
    expect(session.openStreams).toBe(0);
    expect(await stillServes(serving.port)).toBe("200 ok");
  },
);
