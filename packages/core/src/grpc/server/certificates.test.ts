import { once } from "node:events";
import { copyFile, readFile } from "node:fs/promises";
import { connect, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { nopLogger } from "../../log/index.ts";
import { createClient } from "../../rpc/index.ts";
import { GrpcClient, GrpcServer } from "../index.ts";
import { echo, type RunningServer, startEcho } from "../testdata/echo-service.ts";
import { Echo } from "../testdata/echo_pb.ts";
import {
  oldPair,
  putPair,
  testPem,
  waitingFor,
} from "../../transport/tls/testdata/certificate-files.ts";
import type { TlsFiles } from "../../transport/tls/tls-files.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function oldFiles(): Promise<TlsFiles> {
  const { tlsFiles, cleanup } = await oldPair();
  cleanups.push(cleanup);
  return tlsFiles;
}

/** The name of the certificate a new connection is shown. */
async function shown(port: number): Promise<string | string[] | undefined> {
  const socket: TLSSocket = connect({
    host: "127.0.0.1",
    port,
    ALPNProtocols: ["h2"],
    rejectUnauthorized: false,
  });
  await once(socket, "secureConnect");
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

async function start(...args: Parameters<typeof startEcho>): Promise<RunningServer> {
  const running = await startEcho(...args);
  cleanups.push(() => running.stop());
  return running;
}

describe("certificates of GrpcServer", () => {
  test("tlsFiles serves new connections with replaced files, while an old connection keeps working", async () => {
    const tlsFiles = await oldFiles();
    const { logger, logged } = waitingFor("[gRPC] certificates replaced");
    const running = await start({}, { tlsFiles, logger });
    const client = new GrpcClient({
      endpoint: running.address,
      logger: nopLogger,
      tls: { ca: await readFile(testPem("old")) },
    });
    cleanups.push(() => client.close(AbortSignal.abort()));
    const calls = createClient(Echo, client);
    expect((await calls.say({ text: "old" })).text).toBe("old");
    const before = [...client.sessions.values()].flat();
    expect(await shown(running.port)).toBe("old");
    expect(client.describe().subchannels[0]?.connections[0]?.tls).toMatchObject({
      protocol: "TLSv1.3",
      remoteCertificate: expect.any(Uint8Array),
    });

    await putPair("new", tlsFiles);
    await logged;
    expect(await shown(running.port)).toBe("new");
    expect((await calls.say({ text: "still" })).text).toBe("still");
    expect([...client.sessions.values()].flat()).toEqual(before);
  });

  test("tlsFiles keeps the old certificate when the new files do not fit together, and warns", async () => {
    const tlsFiles = await oldFiles();
    const { logger, logged } = waitingFor("[gRPC] certificates not replaced");
    const running = await start({}, { tlsFiles, logger });
    await copyFile(testPem("new"), tlsFiles.certFile);
    await logged;
    expect(await shown(running.port)).toBe("old");
  });

  test("tlsFiles that cannot be used fail at construction", async () => {
    const tlsFiles = { certFile: testPem("old"), keyFile: testPem("new-key") };
    expect(() => new GrpcServer({ tlsFiles })).toThrow(/^Cannot use the certificate/);
  });

  test("setTls() leaves the other settings of tls, and what was there before if the new cannot be used", async () => {
    const pem = (name: string): Promise<string> => readFile(testPem(name), "utf8");
    const tls = {
      cert: await pem("old"),
      key: await pem("old-key"),
      maxVersion: "TLSv1.2",
    } as const;
    const running = await start({}, { tls });
    const bad = { cert: await pem("new"), key: tls.key };
    expect(() => running.server.setTls(bad)).toThrow(/key values mismatch/);
    expect(await shown(running.port)).toBe("old");
    running.server.setTls({ cert: await pem("new"), key: await pem("new-key") });
    expect(await shown(running.port)).toBe("new");
    const { logger } = waitingFor("");
    const client = new GrpcClient({
      endpoint: running.address,
      logger,
      tls: { ca: await pem("new") },
    });
    cleanups.push(() => client.close(AbortSignal.abort()));
    await createClient(Echo, client).say({});
    expect(client.describe().subchannels[0]?.connections[0]?.tls?.protocol).toBe("TLSv1.2");
  });

  test("setTls() is refused over clear text", () => {
    const server = new GrpcServer().register(Echo, echo);
    expect(() => server.setTls({})).toThrow(TypeError);
  });
});
