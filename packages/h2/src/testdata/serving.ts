import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import {
  encodeHeaders,
  engine,
  type ServerSessionOptions,
  type Session,
  type StreamAcceptor,
} from "../index.ts";

const head = encodeHeaders([":status", "200", "content-type", "text/plain"]);

/** Answers each request with "ok" once its body has ended. */
export const answerOk: StreamAcceptor = (stream, _headers, endStream) => {
  const reply = (): void => stream.respond(head, Buffer.from("ok"), undefined);
  if (endStream) reply();
  return {
    onData: (chunk) => stream.consume(chunk.length),
    onEnd: reply,
    onDrain() {},
    onAbort() {},
  };
};

/** A server of our engine on a free port, with every session it has had. */
export interface Serving extends AsyncDisposable {
  readonly port: number;
  readonly sessions: readonly Session[];
  /** The session of the connection that came first, second, ... */
  session(index: number): Promise<Session>;
}

/** Listens with our engine. */
export async function serve(
  acceptor: StreamAcceptor = answerOk,
  options: ServerSessionOptions = {},
): Promise<Serving> {
  const http2 = engine();
  const sessions: Session[] = [];
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    sessions.push(http2.accept(socket, acceptor, options));
    server.emit("accepted");
  });
  const port = await listen(server);
  return {
    port,
    sessions,
    async session(index) {
      while (sessions[index] === undefined) await once(server, "accepted");
      return sessions[index];
    },
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      await Promise.all(sessions.map((session) => session.closed));
      server.close();
    },
  };
}

/** Listens on a free port and answers it. */
export async function listen(server: Pick<Server, "listen" | "address" | "once">): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** What a foreign client got as its answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** A node:http2 client, closed at the end of its scope. */
export function foreignClient(port: number, options = {}): ClientHttp2Session & AsyncDisposable {
  const client = connectHttp2(`http://127.0.0.1:${port}`, options);
  // Its end is the affair of each test, through its streams.
  client.on("error", () => undefined);
  return Object.assign(client, {
    async [Symbol.asyncDispose](): Promise<void> {
      client.destroy();
    },
  });
}

/** Makes one request with a node:http2 client. */
export function ask(
  client: ClientHttp2Session,
  body: Buffer = Buffer.alloc(0),
  headers: Record<string, string> = {},
): Promise<Answer> {
  const method = body.length > 0 ? "POST" : "GET";
  const fields = { ":path": "/", ":method": method, ...headers };
  const endStream = body.length === 0 && headers[":method"] === undefined;
  const stream = client.request(fields, { endStream });
  if (!endStream) stream.end(body);
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let answered: Record<string, unknown> = {};
    let trailers: Record<string, unknown> = {};
    stream.on("response", (fields) => (answered = { ...fields }));
    stream.on("trailers", (fields: object) => (trailers = { ...fields }));
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.on("error", reject);
    stream.on("close", () =>
      resolve({
        status: Number(answered[":status"]),
        headers: answered,
        trailers,
        body: Buffer.concat(pieces),
      }),
    );
  });
}

/** The status a well-behaved foreign client gets on a connection of its own. */
export async function stillServes(port: number): Promise<string> {
  const client = foreignClient(port);
  try {
    const { status, body } = await ask(client);
    return `${status} ${body.toString()}`;
  } finally {
    client.destroy();
  }
}

/** Bytes that differ from place to place. */
export function pattern(bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes; at += 1) buffer[at] = (at * 31 + (at >>> 8)) & 0xff;
  return buffer;
}
