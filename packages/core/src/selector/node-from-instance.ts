import type { ServiceInstance } from "../registry/index.ts";
import type { Node } from "./node.ts";

/** Where a node is reached. */
export type NodeEndpoint = Pick<Node, "scheme" | "address">;

/**
 * Makes the node of an address, with what the instance says of it. Its weight is the instance's
 * metadata `weight`, when that is a whole number in decimal; zero and less are kept.
 */
export function nodeFromInstance(endpoint: NodeEndpoint, instance?: ServiceInstance): Node {
  const { scheme, address } = endpoint;
  const metadata = instance?.metadata ?? {};
  return {
    scheme,
    address,
    serviceName: instance?.name ?? "",
    initialWeight: toWeight(Object.hasOwn(metadata, "weight") ? metadata["weight"] : undefined),
    version: instance?.version ?? "",
    metadata,
    instance,
  };
}

function toWeight(text: string | undefined): number | undefined {
  if (text === undefined || !/^[+-]?\d{1,19}$/.test(text)) return undefined;
  const weight = Number(text);
  // What 64 bits cannot hold is no weight to Go either; the few numbers next to the limit do not matter.
  return Math.abs(weight) <= 2 ** 63 ? weight : undefined;
}
