import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Engine, Session, StreamAcceptor } from "@kratosjs/h2";
import { type FuzzCase, lastPongFrame } from "./fuzz-case.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

/** Turns of the event loop without a byte after which a server that does not answer is taken to wait. */
const quietTurns = 12;
/** Milliseconds a server has to let go of a connection that was closed. */
const letGoMs = 5000;

const options = {
  maxConcurrentStreams: 100,
  initialWindowBytes: 65_535,
  connectionWindowBytes: 65_535,
  minPingIntervalMs: 0,
};

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

/** A server of an engine on the loopback, driven by one connection after another. */
export class Target implements AsyncDisposable {
  readonly engine: Engine;
  readonly #server: Server;
  #session: Session | undefined;
  #failure: unknown;

  constructor(engine: Engine) {
    this.engine = engine;
    this.#server = createServer({ noDelay: true, allowHalfOpen: false }, (socket) =>
      this.#accept(socket),
    );
  }

  async open(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, "close");
  }

  /** Sends a case and looks at what the server does. */
  async drive({ pieces }: FuzzCase): Promise<Outcome> {
    this.#session = undefined;
    this.#failure = undefined;
    const socket = connect({ port: portOf(this.#server), host: "127.0.0.1", noDelay: true });
    const heard = new Listening(socket);
    await once(socket, "connect");
    for (const piece of pieces) {
      if (!heard.ended) socket.write(piece);
      if (pieces.length > 1) await turns(2);
    }
    await heard.settled();
    const { ponged, ended, bytes } = heard;
    const outcome = outcomeOf(bytes, { ponged, cut: ended });
    socket.end();
    const faults = await this.#faults(outcome);
    socket.destroy();
    return faults.length > 0 ? { ...outcome, fault: faults.join(", ") } : outcome;
  }

  #accept(socket: Socket): void {
    socket.on("error", () => {});
    try {
      this.#session = this.engine.accept(socket, acceptor, options);
    } catch (error) {
      this.#failure = error;
    }
  }

  /** What must not be, once the connection was closed from this side. */
  async #faults({ connection }: Outcome): Promise<string[]> {
    const session = this.#session;
    if (session === undefined) return [`no session: ${String(this.#failure)}`];
    // After a GOAWAY of nghttp2's own, node:http2 reads no more and never hears that the peer has closed.
    if (this.engine.name === "node:http2" && connection.startsWith("error")) session.destroy();
    if (!(await closes(session))) return ["the session hangs"];
    return session.openStreams > 0 ? ["streams are left"] : [];
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return address === null || typeof address === "string" ? 0 : address.port;
}

/** What comes back on a connection. */
class Listening {
  ended = false;
  readonly #chunks: Buffer[] = [];
  #turnsOfQuiet = 0;

  constructor(socket: Socket) {
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

  /** Until the last PING is answered, the connection is over, or nothing more is said. */
  async settled(): Promise<void> {
    while (!this.ended && !this.ponged && this.#turnsOfQuiet < quietTurns) {
      this.#turnsOfQuiet += 1;
      await turns(1);
    }
    // What is under way behind the answer.
    await turns(2);
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

/** Turns of the event loop, in each of which sockets are looked at. */
async function turns(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
