import { once } from "node:events";
import { connect, createServer } from "node:net";
import { encodeHeaders, engine } from "@kratosjs/h2";

const http2 = engine();
const ok = encodeHeaders([":status", "200", "content-type", "text/plain"]);
const server = createServer({ noDelay: true }, (socket) => {
  http2.accept(socket, (stream) => ({
    onData: (chunk) => stream.consume(chunk.length),
    onEnd: () => stream.respond(ok, Buffer.from("hello"), ["x-trailer", "1"]),
    onDrain() {},
    onAbort() {},
  }));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as { port: number };
const socket = connect({ port, host: "127.0.0.1", noDelay: true });
await once(socket, "connect");
const session = http2.connect(socket);
/** What the server answered to a POST. */
export const answer: string = await new Promise((resolve, reject) => {
  let text = "";
  const headers = [":method", "POST", ":scheme", "http", ":path", "/", ":authority", "localhost"];
  const listener = {
    onData(chunk: Uint8Array) {
      text += Buffer.from(chunk).toString();
      stream.consume(chunk.length);
    },
    onEnd: () => resolve(text),
    onDrain() {},
    onAbort: reject,
  };
  const stream = session.request(headers, listener, { body: Buffer.from("hi"), endStream: true });
});
await session.close();
server.close();
