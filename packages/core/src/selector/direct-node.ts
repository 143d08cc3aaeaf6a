import type { WeightedNode, WeightedNodeBuilder } from "./weighted-node.ts";

const defaultWeight = 100;

/** When a node is asked and at what time; a builder's clock. */
export interface DirectNodeOptions {
  /** A clock in milliseconds. @default {performance.now} */
  readonly now?: () => number;
}

/** Makes nodes that weigh what the registry says, 100 where it says nothing, whatever their calls do. */
export function directNode(options: DirectNodeOptions = {}): WeightedNodeBuilder {
  const now = options.now ?? (() => performance.now());
  return (raw, previous): WeightedNode => {
    const weight = raw.initialWeight ?? defaultWeight;
    let pickedMs = previous === undefined ? -Infinity : now() - previous.pickElapsedMs();
    return {
      raw,
      weight: () => weight,
      pick: () => {
        pickedMs = now();
        return ignore;
      },
      pickElapsedMs: () => now() - pickedMs,
    };
  };
}

function ignore(): void {
  // The weight of a direct node does not depend on how its calls end.
}
