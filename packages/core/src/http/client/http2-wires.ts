import { type Engine, engine as ownEngine } from "@kratosjs/h2";
import type { Node } from "../../selector/index.ts";
import type { HttpClientTls } from "./http-client-options.ts";
import { Http2Sessions } from "./http2-sessions.ts";
import { Http2Wire } from "./http2-wire.ts";
import type { Attempt, Wire, WireListener, Wires } from "./wire.ts";

/** Connections over HTTP/2, for many calls at once each. */
export class Http2Wires implements Wires {
  readonly #options: {
    readonly tls?: HttpClientTls | undefined;
    readonly maxConnections: number;
    readonly engine: Engine;
  };
  readonly #sessions: Map<string, Http2Sessions> = new Map();

  constructor(options: {
    readonly tls?: HttpClientTls | undefined;
    readonly maxConnections: number;
    readonly engine?: Engine | undefined;
  }) {
    this.#options = { ...options, engine: options.engine ?? ownEngine() };
  }

  send(attempt: Attempt, listener: WireListener): Wire {
    const wire = new Http2Wire(listener, attempt);
    wire.start(this.#of(attempt.node));
    return wire;
  }

  retain(nodes: readonly Node[]): void {
    const kept = new Set(nodes.map(({ address }) => address));
    for (const [address, sessions] of this.#sessions) {
      if (kept.has(address)) continue;
      this.#sessions.delete(address);
      sessions.close();
    }
  }

  async close(): Promise<void> {
    const all = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(all.map((sessions) => sessions.destroy()));
  }

  #of(node: Node): Http2Sessions {
    const known = this.#sessions.get(node.address);
    if (known !== undefined) return known;
    const made = new Http2Sessions(node, this.#options);
    this.#sessions.set(node.address, made);
    return made;
  }
}
