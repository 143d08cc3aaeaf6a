import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer, get as httpGet } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { expect, test } from "vitest";
import {
  type ClientSession,
  connectH2,
  createH2Server,
  errorCodes,
  type H2Server,
  type H2ServerOptions,
  type ListenOptions,
  type Stream,
  type StreamAcceptor,
} from "../index.ts";
import { call, postRequest } from "../testdata/local-client.ts";
import { answerOk, ask } from "../testdata/serving.ts";

const read = (name: string): Buffer => readFileSync(new URL(`./testdata/${name}`, import.meta.url));
const ca = read("ca.pem");
const first = { key: read("first.key"), cert: read("first.pem") };
const second = { key: read("second.key"), cert: read("second.pem") };
const caller = { key: read("caller.key"), cert: read("caller.pem") };

interface Running extends AsyncDisposable {
  readonly server: H2Server;
  readonly port: number;
}

async function start(
  options: H2ServerOptions = {},
  { acceptor = answerOk, at = {} }: { acceptor?: StreamAcceptor; at?: ListenOptions } = {},
): Promise<Running> {
  const server = createH2Server(acceptor, options);
  const address = await server.listen({ host: "127.0.0.1", ...at });
  return {
    server,
    port: typeof address === "string" ? 0 : address.port,
    async [Symbol.asyncDispose]() {
      await server.close(AbortSignal.abort());
    },
  };
}

/** Everything a server says to these bytes until it closes. */
async function say(port: number, ...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => undefined);
  let heard = "";
  socket.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1")));
  await once(socket, "connect");
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, resolve));
    // A turn of the event loop between two writes keeps them apart.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!socket.closed) await once(socket, "close");
  return heard;
}

/** The code of the GOAWAY at the end of what was heard. */
function goawayCode(heard: string): number {
  const bytes = Buffer.from(heard, "latin1");
  let code = -1;
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    if (bytes[at + 3] === 7) code = bytes.readUInt32BE(at + 13);
  }
  return code;
}

async function status(session: ClientSession): Promise<string | undefined> {
  const { ears } = call(session);
  await ears.ended;
  return ears.status;
}

test("createH2Server() serves clear text by prior knowledge to node:http2", async () => {
  await using running = await start();
  const client = connectHttp2(`http://127.0.0.1:${running.port}`);
  const answer = await ask(client, Buffer.from("hello"));
  expect([answer.status, answer.body.toString()]).toEqual([200, "ok"]);
  expect(running.server.sessions.size).toBe(1);
  client.destroy();
});

test("createH2Server() takes a preface that comes byte by byte", async () => {
  await using running = await start();
  const preface = [...Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")].map((byte) =>
    Buffer.of(byte),
  );
  const emptySettings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const wrong = Buffer.from([0, 0, 0, 6, 0, 0, 0, 0, 0]);
  // The PING without its bytes is the first thing it objects to.
  const heard = await say(running.port, ...preface, emptySettings, wrong);
  expect(goawayCode(heard)).toBe(errorCodes.frameSizeError);
});

test("createH2Server() hands HTTP/1.x over, with nothing read off it, on the port that serves HTTP/2", async () => {
  const http1 = createHttpServer((request, response) => {
    response.end(`${request.method} ${request.url}`);
  });
  await using running = await start({ onHttp1: (socket) => http1.emit("connection", socket) });
  const body = await new Promise<string>((resolve, reject) => {
    const request = httpGet(
      { port: running.port, host: "127.0.0.1", path: "/a/b", agent: false },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => resolve(text));
      },
    );
    request.on("error", reject);
  });
  expect(body).toBe("GET /a/b");
  const split = await say(
    running.port,
    "P",
    "O",
    "ST /c HTTP/1.1\r\nhost: a\r\n",
    "connection: close\r\n\r\n",
  );
  expect(split).toMatch(/^HTTP\/1\.1 200 OK[^]*POST \/c/);
  await using session = disposable(await connectH2({ host: "127.0.0.1", port: running.port }));
  expect(await status(session)).toBe("200");
});

test("createH2Server() answers HTTP/1.x with 505 when nobody takes it", async () => {
  await using running = await start();
  const heard = await say(running.port, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  expect(heard).toMatch(
    /^HTTP\/1\.1 505 [^]*connection: close\r\n[^]*\r\n\r\nThis port speaks HTTP\/2 only\n$/,
  );
});

test.each([
  ["a TLS hello", Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3])],
  ["a text that is no request", "INVALID CONNECTION PREFACE\r\n\r\n"],
  ["a preface with a wrong end", "PRI * HTTP/2.0\r\n\r\nSM\r\n\n\n"],
])("createH2Server() answers %s with GOAWAY PROTOCOL_ERROR", async (_name, bytes) => {
  await using running = await start();
  expect(goawayCode(await say(running.port, bytes))).toBe(errorCodes.protocolError);
});

test("createH2Server() cuts a connection that says nothing, after the preface timeout", async () => {
  await using running = await start({ session: { prefaceTimeoutMs: 20 } });
  expect(await say(running.port)).toBe("");
  expect(await say(running.port, "PR")).toBe("");
});

test("createH2Server() close() ends connections that have not said what they are", async () => {
  const listener = createServer();
  await using running = await start({ listener });
  const came = once(listener, "connection");
  const heard = say(running.port);
  await came;
  await running.server.close();
  expect(await heard).toBe("");
});

test("createH2Server() serves a unix socket", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "h2-"));
  try {
    const at = { path: path.join(folder, "socket") };
    await using running = await start({}, { at });
    expect(running.server.address()).toBe(at.path);
    await using session = disposable(await connectH2(at));
    expect(await status(session)).toBe("200");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("createH2Server() serves TLS by ALPN to node:http2 and to connectH2()", async () => {
  await using running = await start({ tls: first });
  const client = connectHttp2(`https://localhost:${running.port}`, { ca });
  const answer = await ask(client);
  expect([answer.status, answer.body.toString(), client.alpnProtocol]).toEqual([200, "ok", "h2"]);
  client.destroy();
  const target = { host: "127.0.0.1", port: running.port };
  await using session = disposable(await connectH2(target, { tls: { ca } }));
  expect(await status(session)).toBe("200");
  expect(session.encrypted).toBe(true);
});

test("createH2Server() hands HTTP/1.1 chosen by ALPN over", async () => {
  const http1 = createHttpServer((_request, response) => response.end("by alpn"));
  await using running = await start({
    tls: first,
    onHttp1: (socket) => http1.emit("connection", socket),
  });
  const socket = connectTls({
    port: running.port,
    host: "127.0.0.1",
    ca,
    ALPNProtocols: ["http/1.1"],
  });
  await once(socket, "secureConnect");
  socket.write("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  let heard = "";
  socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  await once(socket, "close");
  expect(heard).toMatch(/^HTTP\/1\.1 200 OK[^]*by alpn$/);
});

test("createH2Server() asks callers for a certificate when TLS is mutual", async () => {
  const failures: string[] = [];
  await using running = await start({
    tls: { ...first, ca, requestCert: true, rejectUnauthorized: true },
    onConnectionError: (error) => failures.push(error.message),
  });
  const target = { host: "127.0.0.1", port: running.port };
  await using session = disposable(await connectH2(target, { tls: { ca, ...caller } }));
  expect(await status(session)).toBe("200");
  const [accepted] = running.server.sessions;
  const socket = accepted?.socket as TLSSocket | undefined; // a TLS server's sockets
  expect(socket?.getPeerCertificate().subject.CN).toBe("a client");
  const stranger = connectTls({ ...target, ca, ALPNProtocols: ["h2"] });
  const [error] = (await once(stranger, "error")) as [Error]; // the alert that its certificate is missing
  expect(error.message).toMatch(/certificate required/);
  expect(failures).toHaveLength(1);
});

test("createH2Server() setSecureContext() changes the certificate of later connections only", async () => {
  await using running = await start({ tls: first });
  const target = { host: "127.0.0.1", port: running.port };
  const shown = (session: ClientSession): unknown =>
    (session.socket as TLSSocket).getPeerCertificate().subject.CN; // opened over TLS
  await using before = disposable(await connectH2(target, { tls: { ca } }));
  expect(await status(before)).toBe("200");
  running.server.setSecureContext(second);
  await using after = disposable(await connectH2(target, { tls: { ca } }));
  expect([shown(before), shown(after)]).toEqual(["first server", "second server"]);
  expect([await status(before), await status(after)]).toEqual(["200", "200"]);
});

test("createH2Server() setSecureContext() throws for a server of clear text", () => {
  const server = createH2Server(answerOk);
  expect(() => server.setSecureContext(first)).toThrow(
    "Cannot replace certificates as the server must use TLS: it speaks clear text",
  );
});

test("createH2Server() throws when it is given a listener and TLS", () => {
  expect(() => createH2Server(answerOk, { tls: first, listener: createServer() })).toThrow(
    TypeError,
  );
});

test("createH2Server() serves the connections of a listener that exists", async () => {
  const listener = createServer();
  const server = createH2Server(answerOk, { listener });
  await new Promise<void>((resolve) => {
    listener.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo; // listens on a port
  await using session = disposable(await connectH2({ host: "127.0.0.1", port }));
  expect(await status(session)).toBe("200");
  await server.close();
  expect(listener.listening).toBe(false);
});

test("createH2Server() goes on when its listener cannot take a connection", async () => {
  const listener = createServer();
  const failures: string[] = [];
  const onConnectionError = (error: Error): void => void failures.push(error.message);
  await using running = await start({ listener, onConnectionError });
  listener.emit("error", new Error("accept EMFILE"));
  expect(failures).toEqual(["accept EMFILE"]);
  await using session = disposable(await connectH2({ host: "127.0.0.1", port: running.port }));
  expect(await status(session)).toBe("200");
});

test("createH2Server() listen() rejects when the port is taken", async () => {
  await using running = await start();
  const server = createH2Server(answerOk);
  await expect(server.listen({ host: "127.0.0.1", port: running.port })).rejects.toThrow(
    "EADDRINUSE",
  );
});

test("createH2Server() close() lets open streams finish and takes no new connections", async () => {
  const open: Stream[] = [];
  const acceptor: StreamAcceptor = (stream) => {
    open.push(stream);
    return { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
  };
  await using running = await start({}, { acceptor });
  const target = { host: "127.0.0.1", port: running.port };
  await using session = disposable(await connectH2(target));
  const { ears } = call(session);
  await session.ping();
  expect(open).toHaveLength(1);
  const closed = running.server.close();
  await expect(connectH2(target)).rejects.toThrow("ECONNREFUSED");
  open[0]?.respond([":status", "200"], Buffer.from("late"), undefined);
  expect(await ears.ended).toBe("end");
  expect(ears.body.toString()).toBe("late");
  await closed;
  expect(running.server.sessions.size).toBe(0);
  expect(await session.closed).toBeUndefined();
});

test("createH2Server() close() cuts open streams when its signal aborts", async () => {
  const acceptor: StreamAcceptor = () => ({ onData() {}, onEnd() {}, onDrain() {}, onAbort() {} });
  await using running = await start({}, { acceptor });
  await using session = disposable(await connectH2({ host: "127.0.0.1", port: running.port }));
  const { ears } = call(session, postRequest, { endStream: false });
  await session.ping();
  const cut = new AbortController();
  const closed = running.server.close(cut.signal);
  cut.abort();
  await closed;
  expect(await ears.ended).toBe("abort");
  expect(running.server.sessions.size).toBe(0);
});

function disposable(session: ClientSession): ClientSession & AsyncDisposable {
  return Object.assign(session, {
    async [Symbol.asyncDispose](): Promise<void> {
      session.destroy();
      await session.closed;
    },
  });
}
