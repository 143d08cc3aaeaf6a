import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { readFileSync } from "node:fs";

/** An answer over HTTP/2. */
export interface H2Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: unknown;
}

/** A request over HTTP/2. */
export interface H2Asked {
  readonly path: string;
  /** @default {"GET"} */
  readonly method?: string;
  /** @default {{}} */
  readonly headers?: OutgoingHttpHeaders;
  /** @default none */
  readonly body?: string | Uint8Array;
}

const open: ClientHttp2Session[] = [];

export const testCertificates = {
  key: readFileSync(new URL("tls/server-key.pem", import.meta.url)),
  cert: readFileSync(new URL("tls/server.pem", import.meta.url)),
  ca: readFileSync(new URL("tls/ca.pem", import.meta.url)),
};

/** A connection of node:http2, which is the foreign client of these tests. */
export async function openH2(origin: string): Promise<ClientHttp2Session> {
  const { ca } = testCertificates;
  const session = connect(origin, { ca });
  session.on("error", () => {});
  open.push(session);
  await once(session, "connect");
  return session;
}

/** Cuts all connections of a test. */
export function closeH2(): void {
  for (const session of open.splice(0)) session.destroy();
}

/** Opens a stream; the body is not ended when `headers` are all there is to say yet. */
export function beginH2(session: ClientHttp2Session, asked: H2Asked): ClientHttp2Stream {
  const stream = session.request(
    { ":method": asked.method ?? "GET", ":path": asked.path, ...asked.headers },
    { endStream: false },
  );
  stream.on("error", () => {});
  return stream;
}

/** Sends a request and answers its reply; rejects when the stream is reset with an error. */
export async function askH2(session: ClientHttp2Session, asked: H2Asked): Promise<H2Reply> {
  const { body } = asked;
  const stream = session.request(
    { ":method": asked.method ?? "GET", ":path": asked.path, ...asked.headers },
    { endStream: body === undefined },
  );
  if (body !== undefined) stream.end(body);
  return replyOf(stream);
}

/** The whole answer of a stream. */
export async function replyOf(stream: ClientHttp2Stream): Promise<H2Reply> {
  const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders & { ":status": number }]; // node's event
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer); // no encoding is set: chunks are Buffers
  const text = Buffer.concat(chunks).toString();
  return {
    status: headers[":status"],
    headers,
    text,
    get json() {
      return JSON.parse(text) as unknown;
    },
  };
}
