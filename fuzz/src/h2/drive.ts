import { type Duplex, duplexPair } from "node:stream";
import type { Engine, Session, StreamAcceptor } from "@kratosjs/h2";
import { type FuzzCase, lastPongFrame } from "./fuzz-case.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

/** Turns of the event loop without a byte after which a server that does not answer is taken to wait. */
const quietTurns = 12;
/** Milliseconds a server has to let go of a connection that was closed. */
const letGoMs = 5000;

/** Answers every request once it has ended. */
const acceptor: StreamAcceptor = (stream, _headers, endStream) => {
  const answer = (): void => stream.respond([":status", "200"], Buffer.from("ok"), undefined);
  if (endStream) answer();
  return {
    onData: (chunk) => stream.consume(chunk.length),
    onEnd: answer,
    onDrain() {},
    onAbort() {},
  };
};

/** Sends a case to a server of the engine and looks at what it does. */
export async function drive(engine: Engine, { pieces }: FuzzCase): Promise<Outcome> {
  const [near, far] = duplexPair();
  const heard = new Listening(near);
  let session: Session;
  try {
    session = engine.accept(far, acceptor, { maxConcurrentStreams: 100, initialWindowBytes: 65_535, connectionWindowBytes: 65_535, minPingIntervalMs: 0 });
  } catch (error) {
    return outcomeOf(heard.bytes, { ponged: false, cut: true, fault: `accept() threw ${String(error)}` });
  }
  for (const piece of pieces) {
    if (!heard.ended) near.write(piece);
    await turn();
  }
  await heard.settled();
  const { ponged, ended: cut } = heard;
  const bytes = heard.bytes;
  near.end();
  const letGo = await closes(session);
  near.destroy();
  const faults = [...(letGo ? [] : ["the session hangs"]), ...(session.openStreams > 0 ? ["streams are left"] : [])];
  return outcomeOf(bytes, { ponged, cut, ...(faults.length > 0 ? { fault: faults.join(", ") } : {}) });
}

/** What comes back on a connection. */
class Listening {
  ended = false;
  readonly #chunks: Buffer[] = [];
  #turnsOfQuiet = 0;

  constructor(socket: Duplex) {
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#turnsOfQuiet = 0;
    });
    socket.on("end", () => (this.ended = true));
    socket.on("close", () => (this.ended = true));
    socket.on("error", () => (this.ended = true));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get ponged(): boolean {
    return this.bytes.includes(lastPongFrame);
  }

  /** Until nothing more is said. */
  async settled(): Promise<void> {
    while (!this.ended && this.#turnsOfQuiet < quietTurns) {
      this.#turnsOfQuiet += 1;
      await turn();
    }
  }
}

async function closes(session: Session): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), letGoMs);
  });
  const closed = await Promise.race([session.closed.then(() => true as const), late]);
  clearTimeout(timer);
  return closed;
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
