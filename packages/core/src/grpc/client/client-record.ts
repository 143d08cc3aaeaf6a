import type { ClientDescription, ConnectivityState } from "../describe/description.ts";
import { nextEntityId } from "../describe/entity-id.ts";
import { KnownParts } from "../describe/known-parts.ts";
import { LiveList } from "../describe/live-list.ts";
import { Traffic } from "../describe/traffic.ts";
import type { CallControl } from "./call-control.ts";
import type { Subchannel } from "./subchannel.ts";

/** The clients of this process that were not closed. */
export const knownClients: KnownParts<ClientRecord> = new KnownParts();

/** What a client knows of itself: its connections, its calls. */
export class ClientRecord {
  readonly id: number = nextEntityId();
  readonly #target: string;
  readonly #createdAt: number = Date.now();
  readonly #pool: { readonly subchannels: readonly Subchannel[] };
  readonly #calls: Traffic = new Traffic();
  readonly #live: LiveList<CallControl> = new LiveList();
  #closed = false;

  constructor(target: string, pool: { readonly subchannels: readonly Subchannel[] }) {
    this.#target = target;
    this.#pool = pool;
    knownClients.add(this);
  }

  begin(call: CallControl): void {
    this.#calls.started += 1;
    this.#calls.lastStartedAt = call.startedAt;
    this.#live.add(call);
  }

  /** Notes the end of a call that has begun. */
  end(call: CallControl, succeeded: boolean): void {
    if (succeeded) this.#calls.succeeded += 1;
    else this.#calls.failed += 1;
    this.#live.delete(call);
  }

  close(): void {
    this.#closed = true;
    knownClients.delete(this);
  }

  describe(): ClientDescription {
    return {
      id: this.id,
      target: this.#target,
      state: this.#state,
      createdAt: this.#createdAt,
      calls: this.#calls.calls,
      subchannels: this.#pool.subchannels.map((subchannel) => subchannel.describe()),
      liveCalls: this.#live.describe(),
    };
  }

  get #state(): ConnectivityState {
    if (this.#closed) return "SHUTDOWN";
    const states = new Set(this.#pool.subchannels.map(({ state }) => state));
    return byMerit.find((state) => states.has(state)) ?? "IDLE";
  }
}

/** The state of several is the best among them. */
const byMerit = ["READY", "CONNECTING", "IDLE", "TRANSIENT_FAILURE"] as const;
