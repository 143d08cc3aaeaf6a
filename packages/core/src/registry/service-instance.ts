/** One running copy of a service, as it stands in a registry. */
export interface ServiceInstance {
  /** Unique within the service. */
  readonly id: string;
  /** The name of the service, by which it is found. */
  readonly name: string;
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** URLs such as `grpc://10.0.0.1:9000`; a secure scheme ends in "s". */
  readonly endpoints: readonly string[];
}
