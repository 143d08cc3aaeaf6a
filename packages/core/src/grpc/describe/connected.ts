import type { Session } from "@kratosjs/h2";
import { describeTls } from "../../transport/tls/index.ts";
import type { ConnectionDescription } from "./description.ts";
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
      tls: describeTls(session.socket),
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
