import {
  type Balancer,
  createSelector,
  directNode,
  type Selector,
  type WeightedNode,
} from "../index.ts";

/** What time is taken from. */
export interface WrrOptions {
  /** A clock in milliseconds. @default {performance.now} */
  readonly now?: () => number;
}

/** A weighted round robin that can be looked into. */
export interface WrrBalancer extends Balancer {
  /** The addresses it keeps state of. */
  readonly addresses: readonly string[];
}

/**
 * Makes a selector that goes round the nodes, each getting its share by weight, 100 where the registry names
 * none. The default of the clients, as in Go Kratos.
 */
export function wrrSelector(options: WrrOptions = {}): Selector {
  const { now = () => performance.now() } = options;
  return createSelector({ balancer: wrrBalancer(), buildNode: directNode({ now }), now });
}

/**
 * Makes the smooth weighted round robin known from nginx: calls to a heavy node are spread, not in a row.
 *
 * Each node has a credit. A pick gives every candidate its weight, takes the one with most, the first
 * of equals, and charges it the sum of all weights. State of an address goes when the address has left the
 * node list, not when a filter left it out for one call (as Go Kratos does, where filters that take
 * turns always get the first node).
 */
export function wrrBalancer(): WrrBalancer {
  const credits = new Map<string, number>();
  return {
    get addresses() {
      return [...credits.keys()];
    },
    pick(nodes) {
      let total = 0;
      let best: WeightedNode | undefined;
      let bestCredit = -Infinity;
      for (const node of nodes) {
        const { address } = node.raw;
        const weight = node.weight();
        const credit = (credits.get(address) ?? 0) + weight;
        total += weight;
        credits.set(address, credit);
        if (credit > bestCredit) {
          best = node;
          bestCredit = credit;
        }
      }
      if (best === undefined)
        throw new RangeError("Cannot pick as there must be a node: current value is none");
      credits.set(best.raw.address, bestCredit - total);
      return best;
    },
    update(nodes) {
      const addresses = new Set(nodes.map((node) => node.raw.address));
      for (const address of credits.keys()) {
        if (!addresses.has(address)) credits.delete(address);
      }
    },
  };
}
