import { TLSSocket } from "node:tls";
import type { Session } from "@kratosjs/h2";
import type { ConnectionDescription, TlsDescription } from "./description.ts";
import { nextEntityId } from "./entity-id.ts";
import { Traffic } from "./traffic.ts";

/** A connection and what is counted of it. */
export class Connected<S extends Session = Session> {
  readonly id: number = nextEntityId();
  readonly openedAt: number = Date.now();
  readonly session: S;
  readonly traffic: Traffic;

  constructor(session: S, traffic: Traffic = new Traffic()) {
    this.session = session;
    this.traffic = traffic;
  }

  /** Tells what there is to know of it now. */
  describe(): ConnectionDescription {
    const { id, openedAt, session, traffic } = this;
    const { localAddress, localPort, remoteAddress, remotePort } = session;
    const { calls, messagesSent, messagesReceived } = traffic;
    return {
      id,
      localAddress,
      localPort,
      remoteAddress,
      remotePort,
      tls: session.socket instanceof TLSSocket ? describeTls(session.socket) : undefined,
      openedAt,
      ageMs: Date.now() - openedAt,
      openStreams: session.openStreams,
      calls,
      messagesSent,
      messagesReceived,
      counters: { ...session.counters },
    };
  }
}

function describeTls(socket: TLSSocket): TlsDescription {
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
