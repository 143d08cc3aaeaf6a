import { once } from "node:events";
import { copyFile, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { type Logger, nopLogger } from "../../log/index.ts";
import { createClient } from "../../rpc/index.ts";
import { GrpcClient, GrpcServer } from "../index.ts";
import { echo, type RunningServer, startEcho } from "../testdata/echo-service.ts";
import { Echo } from "../testdata/echo_pb.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const testdata = (name: string): string =>
  fileURLToPath(new URL(`../../transport/tls/testdata/${name}.pem`, import.meta.url));

async function put(
  name: "old" | "new",
  to: { readonly certFile: string; readonly keyFile: string },
) {
  for (const [from, file] of [
    [`${name}-key`, to.keyFile],
    [name, to.certFile],
  ] as const) {
    await copyFile(testdata(from), `${file}.tmp`);
    await rename(`${file}.tmp`, file);
  }
}

async function oldFiles(): Promise<{ readonly certFile: string; readonly keyFile: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), "kratos-tls-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  const files = { certFile: path.join(folder, "cert.pem"), keyFile: path.join(folder, "key.pem") };
  await put("old", files);
  return files;
}

/** A logger that tells of one message. */
function waitingFor(wanted: string): { readonly logger: Logger; readonly logged: Promise<void> } {
  let tell: () => void = () => {};
  const logged = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const note = (message: string): void => {
    if (message === wanted) tell();
  };
  return { logger: { ...nopLogger, info: note, warn: note }, logged };
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
      tls: { ca: await readFile(testdata("old")) },
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

    await put("new", tlsFiles);
    await logged;
    expect(await shown(running.port)).toBe("new");
    expect((await calls.say({ text: "still" })).text).toBe("still");
    expect([...client.sessions.values()].flat()).toEqual(before);
  });

  test("tlsFiles keeps the old certificate when the new files do not fit together, and warns", async () => {
    const tlsFiles = await oldFiles();
    const { logger, logged } = waitingFor("[gRPC] certificates not replaced");
    const running = await start({}, { tlsFiles, logger });
    await copyFile(testdata("new"), tlsFiles.certFile);
    await logged;
    expect(await shown(running.port)).toBe("old");
  });

  test("tlsFiles that cannot be used fail at construction", async () => {
    const tlsFiles = { certFile: testdata("old"), keyFile: testdata("new-key") };
    expect(() => new GrpcServer({ tlsFiles })).toThrow(/^Cannot use the certificate/);
  });

  test("setTls() leaves the other settings of tls, and what was there before if the new cannot be used", async () => {
    const pem = (name: string): Promise<string> => readFile(testdata(name), "utf8");
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
