/**
 * The process of the server: says "port N", then "grown N" and, of an upload, "received N". "/upload"
 * is read slowly, "/download" written as fast as the stream lets it.
 */
import { createH2Server, encodeHeaders, type StreamAcceptor } from "@kratosjs/h2";
import { BodyWriter, SlowReader } from "./body.ts";

const ok = encodeHeaders([":status", "200"]);

const acceptor: StreamAcceptor = (stream, { fields }) => {
  if (fields.includes("/upload")) {
    const reader = new SlowReader(({ receivedBytes, grownBytes }) => {
      console.log(`received ${receivedBytes}`);
      console.log(`grown ${grownBytes}`);
      stream.sendHeaders(ok, true);
    });
    reader.stream = stream;
    return reader.listener();
  }
  const writer = new BodyWriter(stream, (bytes) => console.log(`grown ${bytes}`));
  stream.sendHeaders(ok, false);
  writer.pump();
  return { onData() {}, onEnd() {}, onDrain: () => writer.pump(), onAbort() {} };
};

const server = createH2Server(acceptor);
const address = await server.listen({ host: "127.0.0.1" });
console.log(`port ${typeof address === "string" ? 0 : address.port}`);
