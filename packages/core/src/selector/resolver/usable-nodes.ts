import { pickEndpoint, type ServiceInstance } from "../../registry/index.ts";
import { type Node, nodeFromInstance, subset } from "../index.ts";
import type { EndpointScheme } from "./resolver-options.ts";

/** Which instances a client uses. */
export interface UsableNodesOptions {
  readonly scheme: EndpointScheme;
  readonly subsetSize: number;
  readonly subsetKey: string;
}

/** Answers the nodes of the instances that have an endpoint of the scheme: one an address, and the client's part of them. */
export function usableNodes(
  instances: readonly ServiceInstance[],
  options: UsableNodesOptions,
): readonly Node[] {
  const { scheme, subsetSize, subsetKey } = options;
  const byAddress = new Map<string, ServiceInstance>();
  for (const instance of instances) {
    const address = pickEndpoint(instance, scheme);
    if (address !== undefined && !byAddress.has(address)) byAddress.set(address, instance);
  }
  const chosen = subset([...byAddress], {
    key: subsetKey,
    size: subsetSize,
    textOf: ([, { name, id }]) => `${name}-${id}`,
  });
  return chosen.map(([address, instance]) => nodeFromInstance({ scheme, address }, instance));
}
