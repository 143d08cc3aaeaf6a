import { type Balancer, createSelector, type Selector } from "../index.ts";

/** What chance is taken from. */
export interface RandomOptions {
  /** Numbers from 0 up to but without 1. @default {Math.random} */
  readonly random?: () => number;
  /** A clock in milliseconds. @default {performance.now} */
  readonly now?: () => number;
}

/** Makes a selector that chooses by chance, whatever the nodes weigh. */
export function randomSelector(options: RandomOptions = {}): Selector {
  const { now = () => performance.now() } = options;
  return createSelector({ balancer: randomBalancer(options), now });
}

/** Makes a balancer that gives every node the same chance. */
export function randomBalancer(options: RandomOptions = {}): Balancer {
  const { random = Math.random } = options;
  return {
    pick(nodes) {
      const node = nodes[Math.floor(random() * nodes.length)];
      if (node === undefined)
        throw new RangeError("Cannot pick as there must be a node: current value is none");
      return node;
    },
  };
}
