export { memoryRegistry } from "./memory-registry.ts";
