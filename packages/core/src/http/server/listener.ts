import type { Server as NetServer } from "node:net";
import { type Address, formatHostPort, parseAddress } from "../../transport/index.ts";
import { advertisedHost } from "../../transport/interfaces/index.ts";

/** Where a server listens. */
export interface ListenerOptions {
  readonly address: string;
  /** Given when it is open already. */
  readonly listener: NetServer | undefined;
  readonly scheme: "http" | "https";
  readonly endpoint: string | URL | undefined;
}

/** The one listener of a server: opened once, whoever asks first. */
export class Listener {
  readonly #server: NetServer;
  readonly #options: ListenerOptions;
  readonly #address: Address;
  #opening: Promise<void> | undefined;
  #url: URL | undefined;
  #closed = false;

  /** @throws {TypeError} If the address is none. */
  constructor(server: NetServer, options: ListenerOptions) {
    this.#server = server;
    this.#options = options;
    this.#address = parseAddress(options.address);
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
   * Opens the listener, once.
   * @throws {Error} If it cannot; the message names the address and the option that changes it.
   */
  open(): Promise<void> {
    this.#opening ??= this.#open();
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

  #listen(): Promise<void> {
    const server = this.#server;
    const address = this.#address;
    return new Promise((resolve, reject) => {
      const onError = (error: Error): void => {
        reject(cannotListen(this.#options.address, error));
      };
      server.once("error", onError);
      const onListening = (): void => {
        server.off("error", onError);
        resolve();
      };
      if (address.kind === "unix") server.listen({ path: address.path }, onListening);
      else if (address.host === "") server.listen({ port: address.port }, onListening);
      else server.listen({ port: address.port, host: address.host }, onListening);
    });
  }

  #computeUrl(): URL {
    const { scheme, listener } = this.#options;
    const bound = (listener ?? this.#server).address();
    if (bound === null || typeof bound === "string") return new URL(`unix:${bound ?? ""}`);
    const named = listener === undefined && this.#address.kind === "tcp" ? this.#address.host : "";
    const host = advertisedHost(named === "" ? bound.address : named);
    return new URL(`${scheme}://${formatHostPort(host, bound.port)}`);
  }
}

function cannotListen(address: string, error: Error): Error {
  return new Error(
    `Cannot listen on ${address} as ${rule(error)}; set "address" of HttpServer to another`,
    { cause: error },
  );
}

function rule(error: Error): string {
  const code = "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "the port is taken";
  if (code === "EACCES") return "the process may not open the port";
  if (code === "EADDRNOTAVAIL") return "no interface has this address";
  return error.message;
}
