import type { Done } from "./done.ts";
import type { Node } from "./node.ts";

/** A node with what is known of it from the calls before. */
export interface WeightedNode {
  readonly raw: Node;
  /** How much of the calls it should get at the moment, compared to the others. */
  weight(): number;
  /** Counts a call to the node; the answer ends it. */
  pick(): Done;
  /** Milliseconds since it was picked last; Infinity when it never was. */
  pickElapsedMs(): number;
}

/**
 * Makes the weighted node of a node. `previous` is the one of the same address and instance from before a
 * change of the node list: its statistics go on.
 */
export type WeightedNodeBuilder = (node: Node, previous: WeightedNode | undefined) => WeightedNode;
