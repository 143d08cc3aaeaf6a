import type { ServiceInstance } from "./service-instance.ts";

/** The side of a registry on which a service makes itself known. */
export interface Registrar {
  /**
   * Makes the instance known and keeps it so, renewing what has to be renewed, until it is deregistered.
   * An instance of the same name and id is replaced.
   * @throws The signal's reason when it aborts before the instance is known.
   */
  register(instance: ServiceInstance, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Takes the instance out and stops renewing it. Unknown instances are no error. */
  deregister(instance: ServiceInstance, options: { readonly signal: AbortSignal }): Promise<void>;
}
