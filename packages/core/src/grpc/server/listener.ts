import { createServer, type ListenOptions, type Server as NetServer, type Socket } from "node:net";
import {
  createServer as createTlsServer,
  type Server as TlsServer,
  type TlsOptions,
} from "node:tls";
import type { Duplex } from "node:stream";
import {
  formatHostPort,
  listenError,
  type ListenPlace,
  listenTarget,
  type Network,
  parseListenPlace,
} from "../../transport/index.ts";
import { advertisedHost } from "../../transport/interfaces/index.ts";

export interface ListenerOptions {
  readonly address: string;
  readonly network: Network | undefined;
  readonly listener: NetServer | number | undefined;
  readonly tls: TlsOptions | undefined;
  /** Connections at a time; further ones are closed as they come. */
  readonly maxConnections: number;
}

/** The port of a server: opens once, hands connections on once somebody takes them. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #place: ListenPlace;
  readonly #server: NetServer;
  readonly #tls: TlsServer | undefined;
  readonly #unclaimed: Set<Duplex> = new Set();
  readonly #handshaking: Map<string, Socket> = new Map();
  #opening: Promise<void> | undefined;
  #take: ((socket: Duplex) => void) | undefined;
  #isOpen = false;
  #isClosed = false;
  #connected = 0;
  #refused = 0;

  /** @throws {TypeError} If the address is none, or none of the network. */
  constructor(options: ListenerOptions) {
    const { listener, tls } = options;
    this.#options = options;
    this.#place = parseListenPlace(options.address, options.network);
    this.#server = typeof listener === "object" ? listener : createServer({ noDelay: true });
    this.#server.on("connection", (socket: Socket) => this.#arrived(socket));
    if (tls === undefined) return;
    this.#tls = createTlsServer({ handshakeTimeout: 10_000, ...tls, ALPNProtocols: ["h2"] });
    this.#tls.on("secureConnection", (socket) => {
      this.#handshaking.delete(peerKey(socket));
      socket.on("error", ignore);
      // gRPC over TLS needs the agreement on h2; without it the peer would talk HTTP/1.1.
      if (socket.alpnProtocol === "h2") this.#claim(socket);
      else socket.destroy();
    });
    this.#tls.on("tlsClientError", (_error, socket) => socket.destroy());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Connections closed as there were too many. */
  get refused(): number {
    return this.#refused;
  }

  /** "host:port" as it was accepted, or the path of a unix socket. */
  get text(): string {
    const bound = this.#server.address();
    if (bound === null) return this.#options.address;
    return typeof bound === "string" ? bound : formatHostPort(bound.address, bound.port);
  }

  /**
   * Opens the port; a second call waits for the first.
   * @throws {Error} If it cannot be opened; the message names the address and the option.
   */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Passes on the connections, those that came before too. */
  accept(take: (socket: Duplex) => void): void {
    this.#take = take;
    for (const socket of this.#unclaimed) this.#claim(socket);
  }

  /** The URL others can reach. */
  url(): URL {
    const bound = this.#server.address();
    const scheme = this.#tls === undefined ? "grpc" : "grpcs";
    if (bound === null || typeof bound === "string") return new URL(`unix://${bound ?? ""}`);
    const asked = this.#options.listener === undefined ? this.#place.address : undefined;
    const host = advertisedHost(asked?.kind === "tcp" ? asked.host : bound.address);
    return new URL(`${scheme}://${formatHostPort(host, bound.port)}`);
  }

  /** Replaces certificates and keys for connections to come. */
  setTls(tls: TlsOptions): void {
    if (this.#tls === undefined) {
      throw new TypeError(
        "Cannot replace certificates as the server must serve TLS: current value is clear text",
      );
    }
    this.#tls.setSecureContext({ ...this.#options.tls, ...tls });
  }

  /** Refuses further connections and drops those nobody has taken. */
  close(): void {
    this.#isClosed = true;
    for (const socket of [...this.#unclaimed, ...this.#handshaking.values()]) socket.destroy();
    this.#unclaimed.clear();
    this.#handshaking.clear();
    if (this.#isOpen) this.#server.close();
    this.#isOpen = false;
  }

  /** Called when the port fails while it is open. */
  onFailure(callback: (error: Error) => void): void {
    this.#server.on("error", (error) => {
      if (this.#isOpen) callback(error);
    });
  }

  async #open(): Promise<void> {
    if (!this.#server.listening) await this.#listen();
    this.#isOpen = true;
  }

  async #listen(): Promise<void> {
    const where = await this.#target().catch((error: unknown) => {
      this.#opening = undefined;
      throw listenError(error, { server: "GrpcServer", address: this.#options.address });
    });
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException): void => {
        this.#opening = undefined;
        reject(listenError(error, { server: "GrpcServer", address: this.#options.address }));
      };
      this.#server.once("error", fail);
      this.#server.listen(where, () => {
        this.#server.off("error", fail);
        resolve();
      });
    });
  }

  #target(): Promise<ListenOptions | { readonly fd: number }> {
    const { listener } = this.#options;
    return typeof listener === "number"
      ? Promise.resolve({ fd: listener })
      : listenTarget(this.#place);
  }

  #arrived(socket: Socket): void {
    socket.on("error", ignore);
    if (this.#connected >= this.#options.maxConnections) {
      this.#refused += 1;
      socket.destroy();
      return;
    }
    this.#connected += 1;
    socket.once("close", () => (this.#connected -= 1));
    socket.setNoDelay(true);
    if (this.#tls === undefined) {
      this.#claim(socket);
      return;
    }
    const key = peerKey(socket);
    this.#handshaking.set(key, socket);
    socket.once("close", () => this.#handshaking.delete(key));
    // One server listens for clear text and TLS alike; the TLS one only upgrades its sockets.
    this.#tls.emit("connection", socket);
  }

  #claim(socket: Duplex): void {
    const take = this.#take;
    if (this.#isClosed) socket.destroy();
    else if (take !== undefined) {
      this.#unclaimed.delete(socket);
      take(socket);
    } else {
      this.#unclaimed.add(socket);
      socket.once("close", () => this.#unclaimed.delete(socket));
    }
  }
}

/** Tells which socket a TLS socket was made of, which node does not say. */
function peerKey(socket: Socket): string {
  return `${socket.remoteAddress}|${socket.remotePort}`;
}

/** A connection that breaks is the engine's business, or nobody's; unheard it would end the process. */
function ignore(): void {}
