import type { Logger } from "../../log/index.ts";
import type { Discovery } from "../../registry/index.ts";
import type { Node, Selector } from "../index.ts";

/** The schemes of endpoints a client can call. */
export type EndpointScheme = "http" | "https" | "grpc" | "grpcs";

/** How a client comes to its nodes. */
export interface ResolverOptions {
  /** Whose nodes are kept current. The resolver is the only one to apply nodes to it. */
  readonly selector: Selector;
  /** The scheme of endpoints to take from a registry, and of targets that name none. */
  readonly scheme: EndpointScheme;
  /** Where `discovery:` targets are looked up; they need it. @default {none} */
  readonly discovery?: Discovery | undefined;
  /** How many instances this client uses at most; 0 is all. @default {25} */
  readonly subsetSize?: number;
  /** Clients of one key use the same instances. @default {a random UUID} */
  readonly subsetKey?: string;
  /** Is told of watches that fail and of updates that are refused. @default {nobody is} */
  readonly logger?: Logger | undefined;
  /** Milliseconds to wait before a watch that failed is begun anew. @default {1000} */
  readonly retryDelayMs?: number;
  /** Milliseconds `ready` waits for the first usable nodes; 0 is no limit. @default {10_000} */
  readonly readyTimeoutMs?: number;
  /** Is called with the nodes after each change, so that connections to the others can be closed. @default {nothing is} */
  readonly onNodes?: (nodes: readonly Node[]) => void;
}
