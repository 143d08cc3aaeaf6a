/**
 * The process of the client. Arguments: the port, "upload" or "download". Says "grown N" and, of a
 * download that it reads slowly, "received N".
 */
import { connectH2 } from "@kratosjs/h2";
import { BodyWriter, SlowReader } from "./body.ts";

const [portText, direction] = process.argv.slice(2);
const session = await connectH2({ host: "127.0.0.1", port: Number(portText) });
const fields = (method: string): readonly string[] => [
  ":method",
  method,
  ":scheme",
  "http",
  ":path",
  `/${direction}`,
  ":authority",
  "a",
];

if (direction === "upload") {
  const listener = {
    onHeaders() {},
    onData() {},
    onEnd() {},
    onDrain: () => writer.pump(),
    onAbort(error: Error) {
      throw error;
    },
  };
  const stream = session.request(fields("POST"), listener, { endStream: false });
  const writer = new BodyWriter(stream, (bytes) => console.log(`grown ${bytes}`));
  writer.pump();
} else {
  const reader = new SlowReader(({ receivedBytes, grownBytes }) => {
    console.log(`received ${receivedBytes}`);
    console.log(`grown ${grownBytes}`);
  });
  reader.stream = session.request(fields("GET"), reader.listener(), { endStream: true });
}
