import { readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { readTlsFiles, type TlsFiles, watchTlsFiles } from "./index.ts";
import { oldPair, putPair, testPem } from "./testdata/certificate-files.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "kratos-tls-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  return folder;
}

async function oldFiles(): Promise<TlsFiles> {
  const { tlsFiles, cleanup } = await oldPair();
  cleanups.push(cleanup);
  return tlsFiles;
}

function follow(files: TlsFiles, onFailure: (error: Error) => void = () => {}) {
  const stop = new AbortController();
  cleanups.push(() => stop.abort());
  const watching = watchTlsFiles(files, { signal: stop.signal, onFailure, settleMs: 10 });
  return { watching, stop };
}

const cert = (name: string): string => readFileSync(testPem(name), "utf8");

describe("watchTlsFiles()", () => {
  test("watchTlsFiles() gives the files now and after they were replaced, until the signal aborts", async () => {
    const files = await oldFiles();
    const { watching, stop } = follow(files);
    expect((await watching.next()).value).toEqual({ cert: cert("old"), key: cert("old-key") });
    const next = watching.next();
    await putPair("new", files);
    expect((await next).value).toEqual({ cert: cert("new"), key: cert("new-key") });
    const last = watching.next();
    stop.abort();
    expect(await last).toEqual({ done: true, value: undefined });
  });

  test("watchTlsFiles() notices a link that points elsewhere", async () => {
    const folder = await emptyFolder();
    for (const version of ["old", "new"] as const) {
      const at = path.join(folder, version);
      await mkdir(at);
      await putPair(version, {
        certFile: path.join(at, "cert.pem"),
        keyFile: path.join(at, "key.pem"),
      });
    }
    const data = path.join(folder, "..data");
    await symlink("old", data);
    for (const name of ["cert.pem", "key.pem"]) {
      await symlink(path.join("..data", name), path.join(folder, name));
    }
    const files = {
      certFile: path.join(folder, "cert.pem"),
      keyFile: path.join(folder, "key.pem"),
    };
    const { watching } = follow(files);
    await watching.next();
    const next = watching.next();
    await symlink("new", `${data}_tmp`);
    await rename(`${data}_tmp`, data);
    expect((await next).value).toMatchObject({ cert: cert("new") });
  });

  test("watchTlsFiles() passes over a certificate that is not that of the key, and tells of it", async () => {
    const files = await oldFiles();
    let failed: (error: Error) => void = () => {};
    const failure = new Promise<Error>((resolve) => {
      failed = resolve;
    });
    const { watching } = follow(files, (error) => failed(error));
    await watching.next();
    const next = watching.next();
    await copyFile(testPem("new"), files.certFile);
    expect((await failure).message).toContain(files.certFile);
    await copyFile(testPem("new-key"), files.keyFile);
    expect((await next).value).toMatchObject({ cert: cert("new") });
  });

  test("watchTlsFiles() waits for files that are not there yet", async () => {
    const folder = await emptyFolder();
    const files = {
      certFile: path.join(folder, "cert.pem"),
      keyFile: path.join(folder, "key.pem"),
    };
    const failures: Error[] = [];
    const { watching } = follow(files, (error) => failures.push(error));
    const next = watching.next();
    await putPair("old", files);
    expect((await next).value).toMatchObject({ cert: cert("old") });
    expect(failures[0]).toBeInstanceOf(Error);
  });
});

describe("readTlsFiles()", () => {
  test("readTlsFiles() reads certificate, key and authorities", () => {
    const files = { certFile: testPem("old"), keyFile: testPem("old-key") };
    expect(readTlsFiles({ ...files, caFile: testPem("new") })).toEqual({
      cert: cert("old"),
      key: cert("old-key"),
      ca: cert("new"),
    });
    expect(readTlsFiles(files)).toEqual({ cert: cert("old"), key: cert("old-key") });
  });

  test("readTlsFiles() throws if a file is missing, or the key is that of another certificate", () => {
    const certFile = testPem("old");
    expect(() => readTlsFiles({ certFile, keyFile: testPem("none") })).toThrow("ENOENT");
    expect(() => readTlsFiles({ certFile, keyFile: testPem("new-key") })).toThrow(
      /^Cannot use the certificate ".*old.pem" with the key ".*new-key.pem"/,
    );
  });
});
