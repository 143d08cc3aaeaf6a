import type { Context } from "../context/index.ts";
import type { WeightedNode } from "./weighted-node.ts";

/** Chooses the node of a call. */
export interface Balancer {
  /** Answers one of the nodes, of which there is at least one; it does not count the call itself. */
  pick(nodes: readonly WeightedNode[], ctx: Context): WeightedNode;
  /** Is told the whole list after each change, so that state of nodes that are gone can go too. */
  update?(nodes: readonly WeightedNode[]): void;
}
