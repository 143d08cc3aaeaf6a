import type { ServiceInstance } from "../registry/index.ts";

/** One address a call can go to. */
export interface Node {
  /** The scheme of the endpoint it was taken from, such as "grpc" or "https". */
  readonly scheme: string;
  /** `host:port`, unique within the service. */
  readonly address: string;
  readonly serviceName: string;
  /** The weight given in the registry; undefined when there is none. */
  readonly initialWeight: number | undefined;
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** The record it was made of; undefined for an address that came from no registry. */
  readonly instance: ServiceInstance | undefined;
}
