import type { Context } from "../context/index.ts";
import { type KratosError, serviceUnavailable } from "../errors/index.ts";
import type { Balancer } from "./balancer.ts";
import { directNode } from "./direct-node.ts";
import type { Done } from "./done.ts";
import type { Node } from "./node.ts";
import { setPeer } from "./peer.ts";
import { Quarantine } from "./quarantine.ts";
import type { NodeFilter, Selection, SelectOptions, Selector } from "./selector.ts";
import type { WeightedNode, WeightedNodeBuilder } from "./weighted-node.ts";

/** What a selector is composed of. */
export interface SelectorOptions {
  readonly balancer: Balancer;
  /** How nodes are weighed. @default {directNode()} */
  readonly buildNode?: WeightedNodeBuilder;
  /** A clock in milliseconds, for addresses that cannot be reached. @default {performance.now} */
  readonly now?: () => number;
}

/**
 * Makes a selector of a balancer and a way to weigh nodes.
 *
 * A node whose address and instance stay the same keeps its statistics when the list changes (Go Kratos
 * starts all anew). An address that a call reports as unreachable is passed over for 1 s, then 2 s and
 * so on up to 30 s, as long as another node is left; it counts as new when its instance is another's.
 */
export function createSelector(options: SelectorOptions): Selector {
  return new NodeSelector(options);
}

class NodeSelector implements Selector {
  readonly #balancer: Balancer;
  readonly #buildNode: WeightedNodeBuilder;
  readonly #quarantine: Quarantine;
  #byAddress: ReadonlyMap<string, WeightedNode> = new Map();
  #raw: readonly Node[] = [];
  #weighted: readonly WeightedNode[] = [];

  constructor({
    balancer,
    buildNode = directNode(),
    now = () => performance.now(),
  }: SelectorOptions) {
    this.#balancer = balancer;
    this.#buildNode = buildNode;
    this.#quarantine = new Quarantine(now);
  }

  apply(nodes: readonly Node[]): void {
    const byAddress = new Map<string, WeightedNode>();
    for (const node of nodes) {
      if (byAddress.has(node.address)) continue;
      const known = this.#byAddress.get(node.address);
      const previous = known?.raw.instance?.id === node.instance?.id ? known : undefined;
      if (previous === undefined) this.#quarantine.delete(node.address);
      byAddress.set(node.address, this.#buildNode(node, previous));
    }
    for (const address of this.#byAddress.keys()) {
      if (!byAddress.has(address)) this.#quarantine.delete(address);
    }
    this.#byAddress = byAddress;
    this.#weighted = [...byAddress.values()];
    this.#raw = this.#weighted.map((node) => node.raw);
    this.#balancer.update?.(this.#weighted);
  }

  select(ctx: Context, options: SelectOptions = {}): Selection {
    const { filters } = options;
    const allowed =
      filters === undefined || filters.length === 0 ? this.#weighted : this.#filtered(filters, ctx);
    const candidates = this.#quarantine.isEmpty ? allowed : this.#reachable(allowed);
    if (candidates.length === 0) throw noAvailableNode();
    const chosen = this.#balancer.pick(candidates, ctx);
    const node = chosen.raw;
    this.#quarantine.tryOut(node.address);
    const done = chosen.pick();
    setPeer(ctx, node);
    return { node, done: this.#once(chosen, done) };
  }

  #filtered(filters: readonly NodeFilter[], ctx: Context): readonly WeightedNode[] {
    let nodes = this.#raw;
    for (const filter of filters) nodes = filter(nodes, ctx);
    return nodes.flatMap((node) => this.#byAddress.get(node.address) ?? []);
  }

  /** Without the addresses in quarantine; all of them when no other is left, as a try may still succeed. */
  #reachable(nodes: readonly WeightedNode[]): readonly WeightedNode[] {
    const reachable = nodes.filter((node) => !this.#quarantine.has(node.raw.address));
    return reachable.length === 0 ? nodes : reachable;
  }

  #once(chosen: WeightedNode, done: Done): Done {
    let isOpen = true;
    return (info) => {
      if (!isOpen) return;
      isOpen = false;
      this.#noteReach(
        chosen.raw,
        info.unreachable === true ? "no" : answered(info) ? "yes" : "unknown",
      );
      done(info);
    };
  }

  #noteReach(node: Node, reached: "yes" | "no" | "unknown"): void {
    // The address may have gone, or be another instance's, since the call began.
    const current = this.#byAddress.get(node.address);
    if (current === undefined || current.raw.instance?.id !== node.instance?.id) return;
    if (reached === "no") this.#quarantine.add(node.address);
    if (reached === "yes") this.#quarantine.delete(node.address);
  }
}

function answered({ error, bytesReceived }: Parameters<Done>[0]): boolean {
  return error === undefined || bytesReceived === true;
}

function noAvailableNode(): KratosError {
  return serviceUnavailable("no_available_node", "");
}
