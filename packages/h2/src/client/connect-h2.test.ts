import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { expect, test } from "vitest";
import { connectH2, errorCodes, H2Error } from "../index.ts";
import { call } from "../testdata/local-client.ts";
import { listen, serve } from "../testdata/serving.ts";

const read = (name: string): Buffer =>
  readFileSync(new URL(`../server/testdata/${name}`, import.meta.url));
const ca = read("ca.pem");
const certificate = { key: read("first.key"), cert: read("first.pem") };

async function failure(connecting: Promise<unknown>): Promise<H2Error> {
  const error: unknown = await connecting.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof H2Error) return error;
  throw new Error("it is no H2Error", { cause: error });
}

test("connectH2() opens a session that takes requests before the peer's settings have come", async () => {
  await using serving = await serve();
  const session = await connectH2({ host: "127.0.0.1", port: serving.port });
  expect([session.available, session.maxConcurrentStreams]).toEqual([true, Infinity]);
  const { ears } = call(session);
  await ears.ended;
  expect([ears.status, ears.body.toString(), session.maxConcurrentStreams]).toEqual([
    "200",
    "ok",
    1024,
  ]);
  await session.close();
});

test("connectH2() rejects with the reason when nobody listens", async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const error = await failure(connectH2({ host: "127.0.0.1", port }));
  expect(error.message).toMatch(/^Cannot connect: .*ECONNREFUSED/);
  expect([error.scope, error.remote, error.unprocessed]).toEqual(["connection", true, true]);
  expect((error.cause as NodeJS.ErrnoException).code).toBe("ECONNREFUSED"); // what node:net reports
});

test("connectH2() gives up after timeoutMs and closes the socket", async () => {
  await using silent = await mute();
  const target = { host: "127.0.0.1", port: silent.port };
  const error = await failure(connectH2(target, { tls: { ca }, timeoutMs: 20 }));
  expect(error.message).toBe("Cannot connect: no connection after 20 ms");
  await silent.left;
});

test("connectH2() gives up when its signal aborts, before or meanwhile", async () => {
  await using silent = await mute();
  const target = { host: "127.0.0.1", port: silent.port };
  const reason = new Error("not wanted any more");
  const early = await failure(connectH2(target, { signal: AbortSignal.abort(reason) }));
  expect([early.message, early.cause]).toEqual(["Cannot connect: not wanted any more", reason]);
  const cut = new AbortController();
  const connecting = failure(connectH2(target, { tls: { ca }, signal: cut.signal }));
  await silent.came;
  cut.abort(reason);
  expect((await connecting).cause).toBe(reason);
  await silent.left;
});

test("connectH2() rejects a peer of TLS that does not agree on h2", async () => {
  const server = createTlsServer({ ...certificate, ALPNProtocols: ["http/1.1"] });
  const port = await listen(server);
  server.on("tlsClientError", () => undefined);
  const refused = await failure(connectH2({ host: "127.0.0.1", port }, { tls: { ca } }));
  server.close();
  expect(refused.message).toMatch(/no application protocol/i);

  const old = createTlsServer(certificate);
  const oldPort = await listen(old);
  const error = await failure(connectH2({ host: "127.0.0.1", port: oldPort }, { tls: { ca } }));
  old.close();
  expect(error.message).toBe(
    'Cannot connect as the peer must agree on "h2" by ALPN: it chose none',
  );
  expect([error.code, error.section]).toEqual([
    errorCodes.inadequateSecurity,
    "RFC 9113 section 3.2",
  ]);
});

test("connectH2() rejects a certificate of an unknown authority", async () => {
  const server = createTlsServer({ ...certificate, ALPNProtocols: ["h2"] });
  server.on("tlsClientError", () => undefined);
  const port = await listen(server);
  const error = await failure(connectH2({ host: "127.0.0.1", port }, { tls: {} }));
  server.close();
  expect(error.message).toMatch(/^Cannot connect: unable to verify the first certificate/);
});

interface Mute extends AsyncDisposable {
  readonly port: number;
  readonly came: Promise<unknown>;
  readonly left: Promise<unknown>;
}

/** A server that takes a connection and never says a word. */
async function mute(): Promise<Mute> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.resume();
    socket.on("close", () => server.emit("left"));
  });
  const came = once(server, "connection");
  const left = once(server, "left");
  return {
    port: await listen(server),
    came,
    left,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
