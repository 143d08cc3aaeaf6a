export { ewmaNode, EwmaNode, type EwmaOptions, type EwmaStatistics } from "./ewma-node.ts";
export { isNodeFailure } from "./is-node-failure.ts";
export { p2cBalancer, type P2cBalancerOptions, type P2cOptions, p2cSelector } from "./p2c.ts";
