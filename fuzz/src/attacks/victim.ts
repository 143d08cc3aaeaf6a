/** The process of the server: says "port N". GET is answered at once, "/large" at length, POST not at all. */
import { createH2Server, encodeHeaders, type StreamAcceptor } from "@kratosjs/h2";

const ok = encodeHeaders([":status", "200"]);
const large = Buffer.alloc(100_000, 0x61);

const acceptor: StreamAcceptor = (stream, { fields }) => {
  // A copy, as an answer of its own would be.
  if (fields.includes("/large")) stream.respond(ok, Buffer.from(large), undefined);
  else if (fields.includes("GET")) stream.respond(ok, Buffer.from("ok"), undefined);
  return {
    onData: (chunk) => stream.consume(chunk.length),
    onEnd() {},
    onDrain() {},
    onAbort() {},
  };
};

// As the attacks are to be judged by the budget of cheap frames, and not by the interval of PINGs.
const server = createH2Server(acceptor, { session: { minPingIntervalMs: 0 } });
const address = await server.listen({ host: "127.0.0.1" });
console.log(`port ${typeof address === "string" ? 0 : address.port}`);
