import { expect, test } from "vitest";
import { errorCodes } from "../index.ts";
import { repeat, thrash } from "../testdata/attacks.ts";
import { endOf } from "../testdata/end-of.ts";
import { get, RawPeer, request, types } from "../testdata/raw-peer.ts";
import { serve, stillServes } from "../testdata/serving.ts";

const calm = errorCodes.enhanceYourCalm;

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
  peer.send(repeat((at) => get(at * 2 + 1, { block: thrash(at) }), 2000));
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
