import { Pool } from "undici";
import type { Node } from "../../selector/index.ts";
import type { HttpClientTls } from "./http-client-options.ts";

/** The connections of a client: a pool an address, made when it is first called. */
export class Pools {
  readonly #tls: HttpClientTls | undefined;
  readonly #maxConnections: number;
  readonly #pools: Map<string, Pool> = new Map();

  constructor(options: {
    readonly tls: HttpClientTls | undefined;
    readonly maxConnections: number;
  }) {
    this.#tls = options.tls;
    this.#maxConnections = options.maxConnections;
  }

  /** The pool of a node. */
  get(node: Node): Pool {
    const known = this.#pools.get(node.address);
    if (known !== undefined) return known;
    const pool = this.#create(node);
    this.#pools.set(node.address, pool);
    return pool;
  }

  /** Closes the pools of all other nodes, once their calls have ended. */
  retain(nodes: readonly Node[]): void {
    const kept = new Set(nodes.map(({ address }) => address));
    for (const [address, pool] of this.#pools) {
      if (kept.has(address)) continue;
      this.#pools.delete(address);
      pool.close().catch(ignore);
    }
  }

  /** Closes all connections; calls under way fail. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #create({ scheme, address }: Node): Pool {
    const isSocket = address.startsWith("unix:");
    const connect = {
      ...this.#tls,
      ...(isSocket && { socketPath: address.slice("unix:".length) }),
    };
    return new Pool(`${scheme}://${isSocket ? "localhost" : address}`, {
      connect,
      connections: this.#maxConnections === 0 ? null : this.#maxConnections,
      // The deadline of the call is the limit; a stream may be silent for as long as it likes.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }
}

function ignore(): void {
  // a pool that is closed twice
}
