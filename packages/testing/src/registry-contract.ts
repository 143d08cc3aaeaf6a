/**
 * The promises of `Registrar` and `Discovery`, as tests. An adapter runs them in a test file of its own:
 *
 * ```ts
 * registryContract("etcdRegistry", {
 *   open: async () => ({ registry, expire: (instance) => revokeLease(instance), close: () => etcd.close() }),
 * });
 * ```
 */
import type { Discovery, Registrar, ServiceInstance } from "@kratosjs/core/registry";
import { runCases } from "./contract-cases.ts";
import { discoveryCases } from "./registry-contract-discovery.ts";
import { failureCases } from "./registry-contract-failures.ts";
import { registrarCases } from "./registry-contract-registrar.ts";

/** Opens the adapter under test, and knows how to change its backend behind its back. */
export interface RegistryHarness {
  /** Opens the adapter over an empty backend; called once a case. */
  readonly open: () => Promise<RegistryBackend>;
  /** Names of cases that cannot hold, each with its reason. @default {{}} */
  readonly skip?: Readonly<Record<string, string>>;
}

/** An adapter over a backend of its own. */
export interface RegistryBackend {
  readonly registry: Registrar & Discovery;
  /** Makes the backend lose an instance as if its process had died; resolves without waiting for readers. */
  readonly expire: (instance: ServiceInstance) => Promise<void>;
  /** Takes the backend away, with all it holds, and brings it back. Without it the case of an outage must be skipped, with the reason. */
  readonly outage?: { readonly begin: () => Promise<void>; readonly end: () => Promise<void> };
  readonly close: () => Promise<void>;
}

/** Tests a registry against the contract; call it in a test file. */
export function registryContract(name: string, harness: RegistryHarness): void {
  runCases(name, { cases: [...registrarCases, ...discoveryCases, ...failureCases], harness });
}
