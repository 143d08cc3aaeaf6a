import { test } from "vitest";
import { encodeHeaders, type StreamAcceptor } from "./index.ts";
import { ask, foreignClient, pattern, serve } from "./testdata/serving.ts";
const ok = encodeHeaders([":status", "200"]);
const live = new Map();
const echo: StreamAcceptor = (stream) => {
  stream.sendHeaders(ok, false);
  let unpaid = 0;
  live.set(stream.id, () => unpaid);
  return {
    onData(chunk) {
      unpaid += chunk.length;
      if (!stream.write(Buffer.from(chunk), false)) return;
      stream.consume(unpaid);
      unpaid = 0;
    },
    onEnd: () => stream.sendHeaders(["x-echoed", "yes"], true),
    onDrain() {
      stream.consume(unpaid);
      unpaid = 0;
    },
    onAbort() {},
  };
};
test("dbg", async () => {
    await using serving = await serve(echo);
    await using client = foreignClient(serving.port, { maxSessionMemory: 100 });
    const sizes = Array.from({ length: 300 }, (_, at) => at * 331);
    let done = 0;
    const all = Promise.all(sizes.map((size) => ask(client, pattern(size)).then(() => done++)));
    await Promise.race([all, new Promise((r) => setTimeout(r, 4000))]);
    const s: any = serving.sessions[0];
    console.log(done, s.openStreams, s.counters, (globalThis as any).dbg?.(), client.state, s.socket.isPaused(), s.socket.writableLength, s.socket.writableNeedDrain);
}, 10000);
