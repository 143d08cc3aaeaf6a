export type { Balancer } from "./balancer.ts";
export { createSelector, type SelectorOptions } from "./create-selector.ts";
export { directNode, type DirectNodeOptions } from "./direct-node.ts";
export type { Done, DoneInfo } from "./done.ts";
export { fnv1a32, hashRing, type HashRing, type HashRingOptions } from "./hash-ring.ts";
export { type NodeEndpoint, nodeFromInstance } from "./node-from-instance.ts";
export type { Node } from "./node.ts";
export { peer, setPeer, withPeer } from "./peer.ts";
export type {
  NodeFilter,
  Selection,
  SelectOptions,
  Selector,
  SelectorBuilder,
} from "./selector.ts";
export { subset, type SubsetOptions } from "./subset.ts";
export { versionFilter } from "./version-filter.ts";
export type { WeightedNode, WeightedNodeBuilder } from "./weighted-node.ts";
