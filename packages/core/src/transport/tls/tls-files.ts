import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";

/** Where the certificates of a server are, as PEM. */
export interface TlsFiles {
  /** The server's certificate, and those between it and the authority. */
  readonly certFile: string;
  /** Its private key. */
  readonly keyFile: string;
  /** The authorities clients' certificates must come from, with `requestCert`. @default none */
  readonly caFile?: string;
}

/** What the files hold, fit for `tls` of a server. */
export interface TlsPems {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/**
 * Reads certificates and key.
 * @throws {Error} If a file cannot be read, or the key is not that of the certificate.
 */
export function readTlsFiles(files: TlsFiles): TlsPems {
  const { certFile, keyFile, caFile } = files;
  const pems = {
    cert: readFileSync(certFile, "utf8"),
    key: readFileSync(keyFile, "utf8"),
    ...(caFile !== undefined && { ca: readFileSync(caFile, "utf8") }),
  };
  try {
    createSecureContext(pems);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot use the certificate "${certFile}" with the key "${keyFile}": ${why}`, {
      cause,
    });
  }
  return pems;
}

/** Whether both hold the same. */
export function equalPems(one: TlsPems, other: TlsPems): boolean {
  return one.cert === other.cert && one.key === other.key && one.ca === other.ca;
}
