import { HealthCheckResponse_ServingStatus as ServingStatus } from "@kratosjs/protos/grpc/health/v1/health_pb.js";

/** What can be said of a service's health. */
export type HealthStatus = "UNKNOWN" | "SERVING" | "NOT_SERVING";

/** The health of a server, service by service; "" is the server as a whole. */
export class HealthStatuses {
  readonly #statuses: Map<string, HealthStatus> = new Map([["", "SERVING"]]);
  readonly #watchers: Set<() => void> = new Set();
  #down = false;

  /** Sets a service's status; "" is the server as a whole. After `shutdown` it is only noted for `resume`. */
  set(service: string, status: HealthStatus): void {
    this.#statuses.set(service, status);
    this.#tell();
  }

  /** The status of a service; undefined when nothing is known of it. */
  get(service: string): HealthStatus | undefined {
    const status = this.#statuses.get(service);
    return status !== undefined && this.#down ? "NOT_SERVING" : status;
  }

  /** Every service with its status. */
  entries(): readonly (readonly [string, HealthStatus])[] {
    return [...this.#statuses].map(([name, status]) => [name, this.#down ? "NOT_SERVING" : status]);
  }

  /** Turns every service to NOT_SERVING, whatever is set later. */
  shutdown(): void {
    this.#down = true;
    this.#tell();
  }

  /** Ends `shutdown`. */
  resume(): void {
    this.#down = false;
    this.#tell();
  }

  /** Calls back after each change; answers what ends that. */
  onChange(callback: () => void): () => void {
    this.#watchers.add(callback);
    return () => this.#watchers.delete(callback);
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** The status as the protocol numbers it; nothing known is SERVICE_UNKNOWN. */
export function servingStatus(status: HealthStatus | undefined): ServingStatus {
  return ServingStatus[status ?? "SERVICE_UNKNOWN"];
}
