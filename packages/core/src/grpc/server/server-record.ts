import type { Session } from "@kratosjs/h2";
import { Connected } from "../describe/connected.ts";
import type { ListenSocketDescription, ServerDescription } from "../describe/description.ts";
import { nextEntityId } from "../describe/entity-id.ts";
import { KnownParts } from "../describe/known-parts.ts";
import { totalOf, Traffic } from "../describe/traffic.ts";
import type { LiveCalls } from "./live-calls.ts";

/** The servers of this process that run. */
export const knownServers: KnownParts<ServerRecord> = new KnownParts();

/** The port of a server, as far as a record tells of it. */
export interface RecordedPort {
  readonly isOpen: boolean;
  /** "host:port" as it was accepted, or the path of a unix socket. */
  readonly text: string;
  /** Connections closed as there were too many. */
  readonly refused: number;
}

/** What a server knows of itself: its port, its connections, its calls. */
export class ServerRecord {
  readonly id: number = nextEntityId();
  /** The calls under way. */
  readonly live: LiveCalls;
  /** Epoch milliseconds; undefined before it started. */
  startedAt: number | undefined;
  state: ServerDescription["state"] = "new";
  readonly #portId: number = nextEntityId();
  readonly #port: RecordedPort | undefined;
  readonly #open: Set<Connected> = new Set();
  readonly #past: Traffic = new Traffic();

  constructor(live: LiveCalls, port: RecordedPort | undefined) {
    this.live = live;
    this.#port = port;
  }

  get connections(): readonly Connected[] {
    return [...this.#open];
  }

  /** Over all connections there have been. */
  get traffic(): Traffic {
    return totalOf([this.#past, ...[...this.#open].map(({ traffic }) => traffic)]);
  }

  get listening(): readonly ListenSocketDescription[] {
    return this.#port?.isOpen === true ? [{ id: this.#portId, address: this.#port.text }] : [];
  }

  /** Notes the start; from now on the process knows of the server. */
  begin(): void {
    if (this.state === "stopping" || this.state === "stopped") return;
    this.state = "running";
    this.startedAt = Date.now();
    knownServers.add(this);
  }

  /** Notes the end. */
  end(): void {
    this.state = "stopped";
    knownServers.delete(this);
  }

  /** Notes a connection until it is closed. */
  async admit(session: Session, traffic: Traffic): Promise<void> {
    const connected = new Connected(session, traffic);
    this.#open.add(connected);
    await session.closed;
    this.#open.delete(connected);
    this.#past.add(traffic);
  }

  describe(): ServerDescription {
    return {
      id: this.id,
      state: this.state,
      startedAt: this.startedAt,
      calls: this.traffic.calls,
      listening: this.listening,
      connections: this.connections.map((connected) => connected.describe()),
      refusedConnections: this.#port?.refused ?? 0,
      liveCalls: this.live.describe(),
    };
  }
}
