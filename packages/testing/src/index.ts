export { type BalancerHarness, balancerContract } from "./balancer-contract.ts";
export {
  type ConfigSourceHarness,
  configSourceContract,
  type ContractDocument,
  type OpenConfigSource,
} from "./config-source-contract.ts";
export { type ContractCase, runCases } from "./contract-cases.ts";
export { MemoryConnection, type MemoryConnectionOptions } from "./memory-connection.ts";
export {
  type RegistryBackend,
  registryContract,
  type RegistryHarness,
} from "./registry-contract.ts";
