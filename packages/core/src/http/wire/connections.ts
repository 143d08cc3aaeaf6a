import type { Duplex } from "node:stream";
import type { NodeExchange, WireState } from "./node-exchange.ts";

/** The connections of a server and the exchanges under way on them: what a drain has to know. */
export class Connections implements WireState {
  readonly #sockets: Set<Duplex> = new Set();
  readonly #exchanges: Set<NodeExchange> = new Set();
  #draining = false;
  #onEmpty: (() => void) | undefined;

  /** Connections open now. */
  get size(): number {
    return this.#sockets.size;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Follows a connection until it closes. */
  add(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#onEmpty?.();
    });
  }

  /** Follows an exchange until it is over. */
  begin(exchange: NodeExchange): void {
    this.#exchanges.add(exchange);
    exchange.onClose(() => {
      this.#exchanges.delete(exchange);
      if (this.#draining) this.#closeIdle(exchange.request.socket);
    });
  }

  /** Closes the connections nobody is being answered on; the others end with their answers. Resolves when none is left. */
  drain(): Promise<void> {
    this.#draining = true;
    for (const socket of this.#sockets) this.#closeIdle(socket);
    return this.#empty();
  }

  /** Closes all connections as they are. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #closeIdle(socket: Duplex): void {
    for (const exchange of this.#exchanges) if (exchange.request.socket === socket) return;
    // What has been written is still sent, then the connection closes.
    if ("destroySoon" in socket && typeof socket.destroySoon === "function") socket.destroySoon();
    else socket.end();
  }

  #empty(): Promise<void> {
    if (this.#sockets.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
  }
}
