import type { Server as NetServer } from "node:net";
import {
  formatHostPort,
  listenError,
  type ListenPlace,
  listenTarget,
  type Network,
  parseListenPlace,
} from "../../transport/index.ts";
import { advertisedHost } from "../../transport/interfaces/index.ts";

/** Where a server listens. */
export interface ListenerOptions {
  readonly address: string;
  readonly network: Network | undefined;
  /** Given when it is open already. */
  readonly listener: NetServer | undefined;
  readonly scheme: "http" | "https";
  readonly endpoint: string | URL | undefined;
}

/** The one listener of a server: opened once, whoever asks first. */
export class Listener {
  readonly #server: NetServer;
  readonly #options: ListenerOptions;
  readonly #place: ListenPlace;
  #opening: Promise<void> | undefined;
  #url: URL | undefined;
  #closed = false;

  /** @throws {TypeError} If the address is none, or none of the network. */
  constructor(server: NetServer, options: ListenerOptions) {
    this.#server = server;
    this.#options = options;
    this.#place = parseListenPlace(options.address, options.network);
  }

  /** "host:port" as it was accepted, or the path of a unix socket; the address asked for until it is open. */
  get text(): string {
    const bound = (this.#options.listener ?? this.#server).address();
    if (bound === null) return this.#options.address;
    return typeof bound === "string" ? bound : formatHostPort(bound.address, bound.port);
  }

  /** The URL to register; undefined until the listener is open. */
  get url(): URL | undefined {
    return this.#url;
  }

  /**
   * Opens the listener, once; when that fails, the next call tries again.
   * @throws {Error} If it cannot; the message names the address and the option that changes it.
   */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** The opening, once somebody has asked for it. */
  get opened(): Promise<void> | undefined {
    return this.#opening;
  }

  /** Whether connections are taken. */
  get isOpen(): boolean {
    return this.#url !== undefined && !this.#closed;
  }

  /** Takes no more connections. Those there are stay, and it does not wait for them. */
  close(): void {
    this.#closed = true;
    const server = this.#options.listener ?? this.#server;
    if (server.listening) server.close();
  }

  async #open(): Promise<void> {
    const { listener, endpoint } = this.#options;
    if (listener === undefined) await this.#listen();
    else listener.on("connection", (socket) => this.#server.emit("connection", socket));
    this.#url = endpoint === undefined ? this.#computeUrl() : new URL(endpoint);
  }

  async #listen(): Promise<void> {
    const server = this.#server;
    const fail = (error: unknown): Error =>
      listenError(error, { server: "HttpServer", address: this.#options.address });
    const target = await listenTarget(this.#place).catch((error: unknown) => {
      throw fail(error);
    });
    return new Promise((resolve, reject) => {
      const onError = (error: Error): void => reject(fail(error));
      server.once("error", onError);
      const onListening = (): void => {
        server.off("error", onError);
        resolve();
      };
      server.listen(target, onListening);
    });
  }

  #computeUrl(): URL {
    const { scheme, listener } = this.#options;
    const bound = (listener ?? this.#server).address();
    if (bound === null || typeof bound === "string") return new URL(`unix:${bound ?? ""}`);
    const { address } = this.#place;
    const named = listener === undefined && address.kind === "tcp" ? address.host : "";
    const host = advertisedHost(named === "" ? bound.address : named);
    return new URL(`${scheme}://${formatHostPort(host, bound.port)}`);
  }
}
