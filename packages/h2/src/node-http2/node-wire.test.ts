import { once } from "node:events";
import { connect, createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Session, Stream, StreamAcceptor } from "../index.ts";
import { nodeHttp2 } from "../node-http2.ts";
import { call, getRequest, openClient } from "../testdata/local-client.ts";
import { get, RawPeer } from "../testdata/raw-peer.ts";
import { answerOk, listen } from "../testdata/serving.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A server of nodeHttp2() on a free port, with the sessions it has had. */
async function serveNode(
  acceptor: StreamAcceptor,
): Promise<{ port: number; sessions: readonly Session[] }> {
  const sessions: Session[] = [];
  const listening = createServer((socket) => {
    sessions.push(nodeHttp2().accept(socket, acceptor));
  });
  cleanups.push(() => {
    for (const session of sessions) session.destroy();
    listening.close();
  });
  return { port: await listen(listening), sessions };
}

test("NodeWire aborts a request that node:http2 would not send, and goes on", async () => {
  const { port } = await serveNode(answerOk);
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const client = nodeHttp2().connect(socket);
  cleanups.push(() => client.destroy());
  const refused = call(client, [...getRequest, "connection", "close"]);
  expect(await refused.ears.ended).toBe("abort");
  expect(client.openStreams).toBe(0);
  const { stream, ears } = call(client);
  expect([await ears.ended, stream.id]).toEqual(["end", 1]);
});

test("NodeWire ends an answer that may have no body as one that has none", async () => {
  const heard: string[] = [];
  const served: Stream[] = [];
  const { port } = await serveNode((stream) => {
    served.push(stream);
    stream.sendHeaders([":status", "204"], false);
    stream.write(Buffer.alloc(0), true);
    return {
      onData: () => heard.push("data"),
      onEnd: () => heard.push("end"),
      onDrain: () => heard.push("drain"),
      onAbort: () => heard.push("abort"),
    };
  });
  await using client = await openClient(port);
  expect(await call(client).ears.ended).toBe("end");
  await client.ping();
  expect([served[0]?.closed, heard]).toEqual([true, []]);
});

// nghttp2 reads no more after its GOAWAY and the last stream: waiting for the PING would take its 5 s.
test("NodeWire closes once its last stream has ended", { timeout: 3000 }, async () => {
  let onStream: (stream: Stream) => void = () => {};
  const opened = new Promise<Stream>((resolve) => (onStream = resolve));
  const { port, sessions } = await serveNode((stream) => {
    onStream(stream);
    return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
  });
  using peer = await RawPeer.open(port);
  peer.send(get(1));
  const stream = await opened;
  const closed = sessions[0]?.close();
  stream.respond([":status", "200"], Buffer.from("last"), undefined);
  await closed;
  await peer.closed();
  expect(stream.closed).toBe(true);
});
