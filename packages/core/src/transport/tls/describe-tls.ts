import { TLSSocket } from "node:tls";
import type { Duplex } from "node:stream";

/** What TLS has agreed on. */
export interface TlsDescription {
  /** "TLSv1.3" */
  readonly protocol: string;
  /** By its name in the registry of IANA. */
  readonly cipher: string;
  /** DER. */
  readonly localCertificate: Uint8Array | undefined;
  /** DER. */
  readonly remoteCertificate: Uint8Array | undefined;
}

/** Tells what TLS has agreed on for a connection; undefined over clear text. */
export function describeTls(socket: Duplex): TlsDescription | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  return {
    protocol: socket.getProtocol() ?? "",
    // A socket that is closed has none any more.
    cipher: socket.destroyed ? "" : socket.getCipher().standardName,
    localCertificate: derOf(socket.getCertificate()),
    remoteCertificate: derOf(socket.getPeerCertificate()),
  };
}

function derOf(certificate: object | null): Uint8Array | undefined {
  const raw: unknown = certificate !== null && "raw" in certificate ? certificate.raw : undefined;
  return raw instanceof Uint8Array ? raw : undefined;
}
