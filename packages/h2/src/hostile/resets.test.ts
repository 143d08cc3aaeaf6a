import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { errorCodes, type StreamAcceptor } from "../index.ts";
import { greedy, held, repeat, victim } from "../testdata/attacks.ts";
import { endOf } from "../testdata/end-of.ts";
import { frame, get, RawPeer, types, word } from "../testdata/raw-peer.ts";
import { answerOk, serve, stillServes } from "../testdata/serving.ts";

const calm = errorCodes.enhanceYourCalm;

beforeEach(() => {
  // No budget is refilled while time stands still: the numbers are exact.
  vi.useFakeTimers({ toFake: ["performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

test("engine() takes 1333 resets of streams it has answered, as each answer earns a quarter of one", async () => {
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
        Buffer.concat([get(at * 2 + 1), frame(types.rstStream, at * 2 + 1, { payload: word(8) })]),
      3000,
    ),
  );
  expect(await peer.end()).toMatchObject({
    code: calm,
    text: expect.stringContaining("RST_STREAM"),
  });
  expect(opened).toBe(1334);
  expect(await stillServes(serving.port)).toBe("200 ok");
});

test("engine() refuses streams beyond the limit, and the connection at the 1001st", async () => {
  await using serving = await serve(victim, { maxConcurrentStreams: 5 });
  using peer = await RawPeer.open(serving.port);
  peer.send(repeat((at) => get(at * 2 + 1, { block: held }), 7));
  expect(await peer.resetOf(11)).toBe(errorCodes.refusedStream);
  expect(await peer.resetOf(13)).toBe(errorCodes.refusedStream);
  const session = await serving.session(0);
  expect(session.openStreams).toBe(5);
  peer.send(repeat((at) => get(at * 2 + 15, { block: held }), 3000));
  expect((await peer.end())?.code).toBe(calm);
  expect(session.counters.streamsOpened).toBe(5);
  expect(session.counters.streamsRefused).toBe(1001);
  expect(await stillServes(serving.port)).toBe("200 ok");
});

test("engine() ends a session at the third PING below its interval with too_many_pings", async () => {
  const ping = frame(types.ping, 0, { payload: Buffer.alloc(8) });
  const { code, text } = await endOf((peer) => peer.send(repeat(() => ping, 4)));
  expect({ code, text }).toEqual({ code: calm, text: "too_many_pings" });
});

test("engine() takes few resets of one peer in a turn, so that others need not wait for all of them", async () => {
  let opened = 0;
  let openedBefore = -1;
  const acceptor: StreamAcceptor = (stream, headers, endStream) => {
    if (headers.fields.includes("/large")) openedBefore = opened;
    opened += 1;
    return victim(stream, headers, endStream);
  };
  await using serving = await serve(acceptor);
  using attacker = await RawPeer.open(serving.port);
  using client = await RawPeer.open(serving.port);
  await Promise.all([attacker.settled(), client.settled()]);
  attacker.send(
    repeat(
      (at) =>
        Buffer.concat([
          get(at * 2 + 1, { block: held }),
          frame(types.rstStream, at * 2 + 1, { payload: word(8) }),
        ]),
      900,
    ),
  );
  client.send(get(1, { block: greedy }));
  await client.find(({ type, id }) => type === types.headers && id === 1);
  await attacker.settled(0xabce);
  expect(opened).toBe(901);
  expect(openedBefore).toBeLessThan(200);
});
