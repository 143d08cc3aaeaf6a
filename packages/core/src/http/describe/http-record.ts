import type { GrpcHandler } from "../../grpc/index.ts";
import type { Connections } from "../wire/connections.ts";
import type { Guests } from "../wire/guests.ts";
import type { HttpServerDescription } from "./description.ts";

/** The parts of a server that know something of it. */
export interface HttpRecordParts {
  readonly listener: { readonly isOpen: boolean; readonly text: string };
  readonly sorter: { readonly refused: number };
  readonly connections: Connections;
  readonly guests: Guests;
}

/** What a server knows of itself; to its gRPC it is the port. */
export class HttpRecord {
  state: HttpServerDescription["state"] = "new";
  #startedAt: number | undefined;
  readonly #parts: HttpRecordParts;

  constructor(parts: HttpRecordParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#parts.listener.isOpen;
  }

  get text(): string {
    return this.#parts.listener.text;
  }

  get refused(): number {
    return this.#parts.sorter.refused;
  }

  /** @throws {TypeError} If the server was started or stopped before. */
  assertNew(): void {
    if (this.state === "new") return;
    throw new TypeError(
      `Cannot start the server as it must be new: current value is ${this.state}`,
    );
  }

  /**
   * Notes the start.
   * @throws {TypeError} If the server was started or stopped meanwhile.
   */
  begin(): void {
    this.assertNew();
    this.state = "running";
    this.#startedAt = Date.now();
  }

  describe(grpc: GrpcHandler | undefined): HttpServerDescription {
    const { connections, guests } = this.#parts;
    const live = [...connections.describeExchanges(), ...guests.describe()];
    return {
      state: this.state,
      startedAt: this.#startedAt,
      listening: this.isOpen ? [this.text] : [],
      connections: connections.describe(),
      refusedConnections: this.refused,
      liveExchanges: live.toSorted((one, other) => one.startedAt - other.startedAt),
      grpc: grpc?.record.describe(),
    };
  }
}
