import { expect, test } from "vitest";
import { encodeHeaders, errorCodes, type StreamAcceptor } from "../index.ts";
import { repeat } from "../testdata/attacks.ts";
import { endOf } from "../testdata/end-of.ts";
import { frame, get, preface, RawPeer, types } from "../testdata/raw-peer.ts";
import { serve, stillServes } from "../testdata/serving.ts";

const ok = encodeHeaders([":status", "200"]);

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
    return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
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
