import { type ClientSession, connectH2 } from "@kratosjs/h2";

/** How a client fared that makes one request after the other. */
export interface Fare {
  readonly asked: number;
  readonly answered: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
}

const request = [":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a"];

/** Makes requests for a time, and two hundred at the least; each that fails is made on a new connection. */
export async function fare(port: number, durationMs: number): Promise<Fare> {
  const target = { host: "127.0.0.1", port };
  let session = await connectH2(target);
  const micros: number[] = [];
  const until = performance.now() + durationMs;
  let asked = 0;
  while (performance.now() < until || asked < 200) {
    asked += 1;
    const beganAt = performance.now();
    if (await isAnswered(session)) micros.push((performance.now() - beganAt) * 1000);
    else session = await connectH2(target);
  }
  session.destroy();
  micros.sort((a, b) => a - b);
  const at = (ratio: number): number => micros[Math.floor(micros.length * ratio)] ?? Infinity;
  return { asked, answered: micros.length, p50Micros: at(0.5), p99Micros: at(0.99) };
}

function isAnswered(session: ClientSession): Promise<boolean> {
  return new Promise((resolve) => {
    let text = "";
    const listener = {
      onData(chunk: Uint8Array) {
        text += Buffer.from(chunk).toString();
        stream.consume(chunk.length);
      },
      onEnd: () => resolve(text === "ok"),
      onDrain() {},
      onAbort: () => resolve(false),
    };
    const stream = session.request(request, listener, { endStream: true });
  });
}
