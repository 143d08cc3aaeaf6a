import { expect, test } from "vitest";
import { encodeHeaders, errorCodes, type StreamAcceptor } from "../index.ts";
import { call, openClient, postRequest } from "../testdata/local-client.ts";
import { frame, get, RawPeer, types, word } from "../testdata/raw-peer.ts";
import { pattern, serve, stillServes } from "../testdata/serving.ts";

const ok = encodeHeaders([":status", "200"]);
const wide = { initialWindowBytes: 0x7fff_ffff, connectionWindowBytes: 0x7fff_ffff };

test("Sender lets two peers send large bodies at once, whatever the windows are", async () => {
  const body = pattern(48 * 1024 * 1024);
  let received = 0;
  const acceptor: StreamAcceptor = (stream) => {
    stream.respond(ok, body, undefined);
    return {
      onData(chunk) {
        received += chunk.length;
        stream.consume(chunk.length);
      },
      onEnd() {},
      onDrain() {},
      onAbort() {},
    };
  };
  await using serving = await serve(acceptor, wide);
  await using session = await openClient(serving.port, wide);
  await session.ping();
  const { ears } = call(session, postRequest, { body });
  expect(await ears.ended).toBe("end");
  expect(ears.received).toBe(body.length);
  await expect.poll(() => received, { timeout: 10_000 }).toBe(body.length);
});

test("Sender keeps no more than a megabyte in a socket that does not move", async () => {
  await using serving = await serve((stream) => {
    stream.respond(ok, pattern(30_000_000), undefined);
    return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
  });
  using peer = await RawPeer.open(serving.port, [4, 0x7fff_ffff]);
  peer.socket.pause();
  peer.send(frame(types.windowUpdate, 0, { payload: word(0x7fff_0000) }), get(1));
  const session = await serving.session(0);
  await expect.poll(() => session.socket.writableNeedDrain).toBe(true);
  expect(session.socket.writableLength).toBeLessThan(1_048_576);
});

test.each([
  ["the connection", 0],
  ["a stream", 1],
])("Sender does not call for window updates of %s that are a byte each", async (_name, id) => {
  await using serving = await serve((stream, { fields }) => {
    const body = fields[1] === "GET" ? pattern(100_000) : Buffer.alloc(0);
    stream.respond(ok, body, undefined);
    return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
  });
  // The other window is wide, so that each byte more lets one byte out.
  using peer = await RawPeer.open(serving.port, [4, id === 0 ? 0x7fff_ffff : 0]);
  peer.send(get(1));
  if (id === 0) await peer.find(() => sentBytes(peer) === 65_535);
  const tiny = frame(types.windowUpdate, id, { payload: word(1) });
  peer.send(...Array.from({ length: 20_000 }, () => tiny));
  expect(await peer.end()).toMatchObject({
    code: errorCodes.enhanceYourCalm,
    text: expect.stringContaining("WINDOW_UPDATE"),
  });
  // The burst of a thousand, and what the answer to the first window and the time of the test gave.
  expect(sentBytes(peer) - (id === 0 ? 65_535 : 0)).toBeLessThan(2000);
  expect(await stillServes(serving.port)).toMatch(/^200 /);
});

test("Sender takes small window updates of a reader that consumes small messages", async () => {
  await using serving = await serve((stream) => {
    stream.sendHeaders(ok, false);
    return {
      onData(chunk) {
        stream.consume(chunk.length);
        stream.write(Buffer.from(chunk), false);
      },
      onEnd: () => stream.sendHeaders(["x-end", "1"], true),
      onDrain() {},
      onAbort() {},
    };
  });
  using peer = await RawPeer.open(serving.port);
  peer.send(get(1, { endStream: false }));
  const message = frame(types.data, 1, { payload: Buffer.from("small") });
  const update = [0, 1].map((id) => frame(types.windowUpdate, id, { payload: word(5) }));
  for (let round = 1; round <= 30; round += 1) {
    peer.send(...Array.from({ length: 100 }, () => [message, ...update]).flat());
    await peer.find(() => sentBytes(peer) === round * 500);
  }
  peer.send(frame(types.data, 1, { flags: 1 }));
  const end = await peer.find(({ type, flags }) => type === types.headers && (flags & 1) === 1);
  expect(end).toBeDefined();
});

function sentBytes(peer: RawPeer): number {
  let bytes = 0;
  for (const { type, payload } of peer.frames) if (type === types.data) bytes += payload.length;
  return bytes;
}
