import type { Context } from "../context/index.ts";
import type { Done } from "./done.ts";
import type { Node } from "./node.ts";

/** Leaves out the nodes a call must not go to. */
export type NodeFilter = (nodes: readonly Node[], ctx: Context) => readonly Node[];

/** What is asked of one selection. */
export interface SelectOptions {
  /** Applied in order. @default {[]} */
  readonly filters?: readonly NodeFilter[];
}

/** The node of a call, and what has to be told when the call has ended. */
export interface Selection {
  readonly node: Node;
  readonly done: Done;
}

/** Knows the nodes of a service and chooses one for each call. */
export interface Selector {
  /** Replaces the nodes. */
  apply(nodes: readonly Node[]): void;
  /**
   * Chooses a node, and puts it into the context's peer (see `withPeer`).
   * @throws {KratosError} 503 `no_available_node` if no node is left after the filters.
   */
  select(ctx: Context, options?: SelectOptions): Selection;
}

/** Makes the selector of a client; each client has its own. */
export type SelectorBuilder = () => Selector;
