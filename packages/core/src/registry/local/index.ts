export { localRegistry } from "./local-registry.ts";
export type {
  LocalRegistry,
  LocalRegistryOptions,
  LocalRegistryStats,
} from "./local-registry-options.ts";
