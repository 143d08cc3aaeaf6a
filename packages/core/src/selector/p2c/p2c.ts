import { type Balancer, createSelector, type Selector, type WeightedNode } from "../index.ts";
import { type EwmaOptions, ewmaNode } from "./ewma-node.ts";

/** A node that was not picked for so long is due, or nobody would learn that it has recovered. */
const forcedPickMs = 3000;

/** What chance is taken from. */
export interface P2cBalancerOptions {
  /** Numbers from 0 up to but without 1. @default {Math.random} */
  readonly random?: () => number;
}

/** Chance, time and judgement of a p2c selector. */
export interface P2cOptions extends P2cBalancerOptions, EwmaOptions {}

/**
 * Makes a selector that compares two nodes taken by chance and chooses the one that answers faster and more
 * reliably: slow and failing nodes get few calls, and no node gets all calls of all clients.
 */
export function p2cSelector(options: P2cOptions = {}): Selector {
  const { now = () => performance.now() } = options;
  return createSelector({ balancer: p2cBalancer(options), buildNode: ewmaNode(options), now });
}

/** Makes the balancer of "the power of two choices": the better of two nodes, and now and then the one long not picked. */
export function p2cBalancer(options: P2cBalancerOptions = {}): Balancer {
  const { random = Math.random } = options;
  return {
    pick(nodes) {
      const [first, second] = twoOf(nodes, random);
      const isSecondBetter = second.weight() > first.weight();
      const [better, other] = isSecondBetter ? [second, first] : [first, second];
      // Go Kratos lets one forced pick happen at a time; here a pick cannot be interrupted by another.
      return other.pickElapsedMs() > forcedPickMs && other !== better ? other : better;
    },
  };
}

function twoOf(
  nodes: readonly WeightedNode[],
  random: () => number,
): readonly [WeightedNode, WeightedNode] {
  const a = nodes.length === 1 ? 0 : Math.floor(random() * nodes.length);
  const b = nodes.length === 1 ? 0 : Math.floor(random() * (nodes.length - 1));
  const first = nodes[a];
  // Chosen among the others: past the first it is shifted by one.
  const second = nodes[nodes.length === 1 || b < a ? b : b + 1];
  if (first === undefined || second === undefined) {
    throw new RangeError("Cannot pick as there must be a node: current value is none");
  }
  return [first, second];
}
