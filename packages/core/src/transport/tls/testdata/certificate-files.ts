import { copyFile, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Logger, nopLogger } from "../../../log/index.ts";
import type { TlsFiles } from "../tls-files.ts";

/** The path of a file of this folder: `old`, `old-key`, `new` or `new-key`. */
export function testPem(name: string): string {
  return fileURLToPath(new URL(`${name}.pem`, import.meta.url));
}

/** Replaces a certificate and its key as a deployment does: whole files, one after the other. */
export async function putPair(name: "old" | "new", to: TlsFiles): Promise<void> {
  const pairs = [
    [`${name}-key`, to.keyFile],
    [name, to.certFile],
  ] as const;
  for (const [from, file] of pairs) {
    await copyFile(testPem(from), `${file}.tmp`);
    await rename(`${file}.tmp`, file);
  }
}

/** Files of their own that hold the old pair, until `cleanup`. */
export async function oldPair(): Promise<{
  readonly tlsFiles: TlsFiles;
  readonly cleanup: () => Promise<void>;
}> {
  const folder = await mkdtemp(path.join(tmpdir(), "kratos-tls-"));
  const certFile = path.join(folder, "cert.pem");
  const tlsFiles = { certFile, keyFile: path.join(folder, "key.pem") };
  await putPair("old", tlsFiles);
  return { tlsFiles, cleanup: () => rm(folder, { recursive: true }) };
}

/** A logger that tells of one message. */
export function waitingFor(wanted: string): {
  readonly logger: Logger;
  readonly logged: Promise<void>;
} {
  let tell: () => void = () => {};
  const logged = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const note = (message: string): void => {
    if (message === wanted) tell();
  };
  return { logger: { ...nopLogger, info: note, warn: note }, logged };
}
