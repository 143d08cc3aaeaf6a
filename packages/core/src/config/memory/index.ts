export {
  type MemoryContent,
  type MemoryDocument,
  type MemorySource,
  memorySource,
} from "./memory-source.ts";
