import { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { engine } from "../index.ts";
import { call, openClient, postRequest } from "../testdata/local-client.ts";
import { frame, get, preface, settings, types } from "../testdata/raw-peer.ts";
import { answerOk, pattern, serve } from "../testdata/serving.ts";

test("Output does not write again into bytes that a stream of the program's own keeps", async () => {
  const kept: Buffer[] = [];
  const duplex = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      kept.push(chunk);
      done();
    },
  });
  const session = engine().accept(duplex, answerOk);
  duplex.push(Buffer.concat([preface, settings()]));
  const copies: Buffer[] = [];
  for (let id = 1; id < 200; id += 2) {
    duplex.push(get(id));
    await turn();
    await turn();
    for (const chunk of kept.slice(copies.length)) copies.push(Buffer.from(chunk));
  }
  expect(copies.length).toBeGreaterThan(50);
  expect(Buffer.concat(kept).equals(Buffer.concat(copies))).toBe(true);
  session.destroy();
  duplex.destroy();
  await session.closed;
});

test("Output sends all frames of one turn as one piece", async () => {
  const sizes: number[] = [];
  const duplex = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      sizes.push(chunk.length);
      done();
    },
  });
  const session = engine().accept(duplex, answerOk);
  await turn();
  await turn();
  sizes.length = 0;
  const ping = frame(types.ping, 0, { payload: Buffer.alloc(8) });
  duplex.push(Buffer.concat([preface, settings(), get(1), get(3), get(5), ping]));
  await turn();
  await turn();
  expect(sizes).toHaveLength(1);
  session.destroy();
  duplex.destroy();
  await session.closed;
});

test("Output keeps sessions apart that say much and little by turns", async () => {
  await using serving = await serve((stream) => {
    const pieces: Buffer[] = [];
    return {
      onData(chunk) {
        pieces.push(Buffer.from(chunk));
        stream.consume(chunk.length);
      },
      onEnd: () => stream.respond([":status", "200"], Buffer.concat(pieces), ["x-end", "1"]),
      onDrain() {},
      onAbort() {},
    };
  });
  const sessions = await Promise.all(Array.from({ length: 8 }, () => openClient(serving.port)));
  const bodies = Array.from({ length: 240 }, (_, at) =>
    pattern(50_000 + at).subarray(at, at + (at % 3 === 0 ? 40_000 : 1 + (at % 90))),
  );
  const calls = bodies.map((body, at) => {
    const session = sessions[at % sessions.length];
    if (session === undefined) throw new Error("no session");
    return call(session, [...postRequest, "x-at", String(at)], { body });
  });
  await Promise.all(calls.map(({ ears }) => ears.ended));
  const wrong = calls.filter(({ ears }, at) => !bodies[at]?.equals(ears.body));
  expect(wrong).toHaveLength(0);
  await Promise.all(sessions.map((session) => session.close()));
});
