export { MemoryConnection, type MemoryConnectionOptions } from "./memory-connection.ts";
