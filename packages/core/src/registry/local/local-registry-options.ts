import type { Discovery, Registrar } from "../index.ts";

/** How a local registry keeps its records. All processes that should find each other need the same. */
export interface LocalRegistryOptions {
  /**
   * The folder of the records. The default belongs to this user alone and is refused when it is
   * somebody else's; a folder named here is taken as it is.
   * @default {"<temporary folder>/kratos-registry-<user>"}
   */
  readonly directory?: string;
  /** Milliseconds between two signs of life, and between two looks at the others'. @default {1000} */
  readonly heartbeatIntervalMs?: number;
  /** Milliseconds without a sign of life after which an instance counts as dead. @default {three heartbeats} */
  readonly ttlMs?: number;
  /** The clock the signs of life are stamped with, in epoch milliseconds. @default {Date.now} */
  readonly now?: () => number;
}

/** Counts of what went wrong without a call to report it to. */
export interface LocalRegistryStats {
  /** Files that were no records when they were last read. */
  readonly corruptFiles: number;
  /** Heartbeats that failed since the start; each was tried again. */
  readonly failedHeartbeats: number;
}

/** A registry in a folder of this machine. */
export interface LocalRegistry extends Registrar, Discovery {
  /** The folder of the records. */
  readonly directory: string;
  stats(): LocalRegistryStats;
}
