import type { ClientSession } from "@kratosjs/h2";
import type { Context } from "../../context/index.ts";
import type { Node, NodeFilter, Selection, Selector } from "../../selector/index.ts";
import { Resolver, type ResolverOptions } from "../../selector/resolver/index.ts";
import { parseAddress } from "../../transport/index.ts";
import { ClientRecord } from "./client-record.ts";
import { watchHealth } from "./health-watch.ts";
import { Subchannel, type SubchannelOptions } from "./subchannel.ts";

export interface NodePoolOptions {
  readonly endpoint: string;
  readonly resolver: Omit<ResolverOptions, "onNodes">;
  readonly nodeFilters: readonly NodeFilter[];
  readonly healthCheck: boolean;
  /** Called with the nodes of each update. @default none */
  readonly onNodes?: (nodes: readonly Node[]) => void;
  readonly subchannel: Omit<SubchannelOptions, "address" | "serverName" | "onConnected">;
}

/** A node that was chosen for a call, with the way to it. */
export interface Picked extends Selection {
  readonly subchannel: Subchannel;
}

/** The nodes of a client and the connections to them. */
export class NodePool {
  readonly resolver: Resolver;
  /** What this client knows of itself. */
  readonly record: ClientRecord;
  readonly #options: NodePoolOptions;
  readonly #selector: Selector;
  readonly #subchannels: Map<string, Subchannel> = new Map();
  readonly #unhealthy: Map<string, number> = new Map();
  readonly #filters: readonly NodeFilter[];

  constructor(options: NodePoolOptions) {
    this.#options = options;
    this.record = new ClientRecord(options.endpoint, this);
    this.#selector = options.resolver.selector;
    const serving: NodeFilter = (nodes) => this.#serving(nodes);
    this.#filters = options.healthCheck ? [serving, ...options.nodeFilters] : options.nodeFilters;
    this.resolver = new Resolver(options.endpoint, {
      ...options.resolver,
      onNodes: (nodes) => {
        this.#dropOthers(nodes);
        options.onNodes?.(nodes);
      },
    });
  }

  /**
   * Chooses a node.
   * @throws {KratosError} 503 `no_available_node` if the filters leave none.
   */
  pick(ctx: Context, filters: readonly NodeFilter[]): Picked {
    const own = this.#unhealthy.size > 0 ? this.#filters : this.#options.nodeFilters;
    const all = filters.length === 0 ? own : own.length === 0 ? filters : [...own, ...filters];
    const { node, done } = this.#selector.select(
      ctx,
      all.length === 0 ? noFilters : { filters: all },
    );
    return { node, done, subchannel: this.#subchannel(node) };
  }

  /** The connections there are, by address. */
  get sessions(): ReadonlyMap<string, readonly ClientSession[]> {
    return new Map([...this.#subchannels].map(([address, { sessions }]) => [address, sessions]));
  }

  get subchannels(): readonly Subchannel[] {
    return [...this.#subchannels.values()];
  }

  /** Ends the watch and the connections; calls under way finish unless the signal aborts. */
  async close(signal?: AbortSignal): Promise<void> {
    this.record.close();
    this.resolver.close();
    await Promise.all(
      [...this.#subchannels.values()].map((subchannel) => subchannel.close(signal)),
    );
  }

  #subchannel(node: Node): Subchannel {
    const known = this.#subchannels.get(node.address);
    if (known !== undefined) return known;
    const { address, serviceName } = node;
    const made = new Subchannel({
      ...this.#options.subchannel,
      address: parseAddress(address),
      serverName: serviceName === "" ? undefined : serviceName,
      ...(this.#options.healthCheck && {
        onConnected: (session: ClientSession) => this.#watchHealth(address, session),
      }),
    });
    this.#subchannels.set(address, made);
    return made;
  }

  #dropOthers(nodes: readonly Node[]): void {
    const kept = new Set(nodes.map((node) => node.address));
    for (const [address, subchannel] of this.#subchannels) {
      if (kept.has(address)) continue;
      this.#subchannels.delete(address);
      void subchannel.close();
    }
  }

  /** A node is passed over while any of its connections says that it does not serve. */
  #watchHealth(address: string, session: ClientSession): () => void {
    let counted = false;
    return watchHealth(session, address, (serving) => {
      if (counted === !serving) return;
      counted = !serving;
      const count = (this.#unhealthy.get(address) ?? 0) + (counted ? 1 : -1);
      if (count > 0) this.#unhealthy.set(address, count);
      else this.#unhealthy.delete(address);
    });
  }

  #serving(nodes: readonly Node[]): readonly Node[] {
    return nodes.filter((node) => !this.#unhealthy.has(node.address));
  }
}

const noFilters = {};
