import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Session } from "@kratosjs/h2";
import { describeTls } from "../../transport/tls/index.ts";
import type { HttpConnectionDescription } from "./description.ts";

/** A connection and what is known of it. */
export class HttpConnection {
  readonly id: number;
  readonly openedAt: number = Date.now();
  readonly socket: Duplex;
  /** Requests of HTTP/1.1. */
  requests = 0;
  /** What runs HTTP/2 on it, once that is known. */
  session: Session | undefined;

  constructor(id: number, socket: Duplex) {
    this.id = id;
    this.socket = socket;
  }

  /** Tells what there is to know of it now. */
  describe(): HttpConnectionDescription {
    const { id, openedAt, socket, session } = this;
    const counters = session === undefined ? undefined : { ...session.counters };
    const requests = counters?.streamsOpened ?? this.requests;
    return {
      id,
      protocol: counters !== undefined ? "h2" : requests > 0 ? "http/1.1" : undefined,
      ...endsOf(session ?? (socket instanceof Socket ? socket : undefined)),
      tls: describeTls(socket),
      openedAt,
      ageMs: Date.now() - openedAt,
      requests,
      ...bytesOf(counters ?? (socket instanceof Socket ? socket : undefined)),
      counters,
    };
  }
}

type Ends = Pick<
  HttpConnectionDescription,
  "localAddress" | "localPort" | "remoteAddress" | "remotePort"
>;

function endsOf(connection: Partial<Ends> | undefined): Ends {
  return {
    localAddress: connection?.localAddress,
    localPort: connection?.localPort,
    remoteAddress: connection?.remoteAddress,
    remotePort: connection?.remotePort,
  };
}

function bytesOf(
  counted: { readonly bytesRead: number; readonly bytesWritten: number } | undefined,
): Pick<HttpConnectionDescription, "bytesRead" | "bytesWritten"> {
  return { bytesRead: counted?.bytesRead ?? 0, bytesWritten: counted?.bytesWritten ?? 0 };
}
