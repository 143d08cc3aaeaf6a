import type { Session } from "@kratosjs/h2";
import { Connected } from "../describe/connected.ts";
import type { ListenSocketDescription, ServerDescription } from "../describe/description.ts";
import { nextEntityId } from "../describe/entity-id.ts";
import { KnownParts } from "../describe/known-parts.ts";
import { totalOf, Traffic } from "../describe/traffic.ts";
import type { Listener } from "./listener.ts";
import type { LiveCalls } from "./live-calls.ts";

/** The servers of this process that run. */
export const knownServers: KnownParts<ServerRecord> = new KnownParts();

/** What a server knows of itself: its port, its connections, its calls. */
export class ServerRecord {
  readonly id: number = nextEntityId();
  /** The calls under way. */
  readonly live: LiveCalls;
  /** Epoch milliseconds; undefined before it started. */
  startedAt: number | undefined;
  state: ServerDescription["state"] = "new";
  readonly #portId: number = nextEntityId();
  readonly #listener: Listener;
  readonly #open: Set<Connected> = new Set();
  readonly #past: Traffic = new Traffic();

  constructor(listener: Listener, live: LiveCalls) {
    this.#listener = listener;
    this.live = live;
  }

  get connections(): readonly Connected[] {
    return [...this.#open];
  }

  /** Over all connections there have been. */
  get traffic(): Traffic {
    return totalOf([this.#past, ...[...this.#open].map(({ traffic }) => traffic)]);
  }

  get listening(): readonly ListenSocketDescription[] {
    const { isOpen, text } = this.#listener;
    return isOpen ? [{ id: this.#portId, address: text }] : [];
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
      refusedConnections: this.#listener.refused,
      liveCalls: this.live.describe(),
    };
  }
}
