import { Pool } from "undici";
import type { Node } from "../../selector/index.ts";
import { fieldsOf } from "../protocols/index.ts";
import { Http1Wire } from "./http1-wire.ts";
import type { HttpClientTls } from "./http-client-options.ts";
import type { Attempt, Wire, WireListener, Wires } from "./wire.ts";

/** Connections over HTTP/1.1: a pool an address, made when it is first called. */
export class Http1Wires implements Wires {
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

  send({ node, request, context }: Attempt, listener: WireListener): Wire {
    const wire = new Http1Wire(listener, context);
    const { path, method, header, body = null } = request;
    const options = { path, method, headers: fieldsOf(header), body };
    // undici takes any iterable, and any method that is a token
    wire.start(this.#pool(node), options as Parameters<Pool["dispatch"]>[0]);
    return wire;
  }

  retain(nodes: readonly Node[]): void {
    const kept = new Set(nodes.map(({ address }) => address));
    for (const [address, pool] of this.#pools) {
      if (kept.has(address)) continue;
      this.#pools.delete(address);
      pool.close().catch(ignore);
    }
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #pool(node: Node): Pool {
    const known = this.#pools.get(node.address);
    if (known !== undefined) return known;
    const pool = this.#create(node);
    this.#pools.set(node.address, pool);
    return pool;
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
