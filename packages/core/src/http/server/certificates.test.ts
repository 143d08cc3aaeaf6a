import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { HttpServer } from "../index.ts";
import { serve, stopServers } from "../testdata/serve.ts";
import {
  oldPair,
  putPair,
  testPem,
  waitingFor,
} from "../../transport/tls/testdata/certificate-files.ts";
import type { TlsFiles } from "../../transport/tls/tls-files.ts";

const cleanups: (() => unknown)[] = [stopServers];
afterEach(async () => {
  for (const cleanup of cleanups.splice(1).toReversed()) await cleanup();
  await stopServers();
});

async function oldFiles(): Promise<TlsFiles> {
  const { tlsFiles, cleanup } = await oldPair();
  cleanups.push(cleanup);
  return tlsFiles;
}

/** A connection that stays. */
async function connectTo(host: string): Promise<TLSSocket> {
  const [, port] = host.split(":");
  const socket = connect({ host: "127.0.0.1", port: Number(port), rejectUnauthorized: false });
  cleanups.push(() => socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

/** Asks for a path that is not there; the first line of the answer. */
async function ask(socket: TLSSocket): Promise<string> {
  socket.write("GET /nowhere HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const [chunk]: unknown[] = await once(socket, "data");
  return String(chunk).split("\r\n")[0] ?? "";
}

const nameOf = (socket: TLSSocket): unknown => socket.getPeerCertificate().subject.CN;

describe("certificates of HttpServer", () => {
  test("tlsFiles serves new connections with replaced files, while an old connection keeps working", async () => {
    const tlsFiles = await oldFiles();
    const { logger, logged } = waitingFor("[HTTP] certificates replaced");
    const { host, origin } = await serve({ tlsFiles, logger });
    expect(origin).toMatch(/^https:/);
    const before = await connectTo(host);
    expect(nameOf(before)).toBe("old");
    expect(await ask(before)).toBe("HTTP/1.1 404 Not Found");
    await putPair("new", tlsFiles);
    await logged;
    expect(nameOf(await connectTo(host))).toBe("new");
    expect(await ask(before)).toBe("HTTP/1.1 404 Not Found");
  });

  test("setTls() replaces the certificate, and is refused over clear text", async () => {
    const pem = (name: string): Promise<string> => readFile(testPem(name), "utf8");
    const { host, server } = await serve({
      tls: { cert: await pem("old"), key: await pem("old-key") },
    });
    server.setTls({ cert: await pem("new"), key: await pem("new-key") });
    expect(nameOf(await connectTo(host))).toBe("new");
    expect(() => new HttpServer().setTls({})).toThrow(TypeError);
  });
});
