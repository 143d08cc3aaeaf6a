import { createServer, type Server as NetServer, type Socket } from "node:net";
import {
  createServer as createTlsServer,
  type Server as TlsServer,
  type TlsOptions,
} from "node:tls";
import { FirstBytes } from "@kratosjs/h2";

/** What a sorter goes by, and who gets the connections. */
export interface SocketSorterOptions {
  readonly tls: TlsOptions | undefined;
  /** Whether HTTP/2 is told from HTTP/1.1; if not, all is HTTP/1.1. */
  readonly http2: boolean;
  /** Milliseconds until a connection must have said what it speaks; 0 is never. */
  readonly silenceMs: number;
  readonly maxConnections: number;
  /** Hears of each connection as soon as bytes can be read off it. */
  readonly onOpen: (socket: Socket) => void;
  /** Takes connections that are not HTTP/2, with nothing read off them. */
  readonly onHttp1: (socket: Socket) => void;
  /** Takes connections that are; they may be paused. */
  readonly onHttp2: (socket: Socket) => void;
}

/** Sorts the connections of one port by the protocol they speak. */
export class SocketSorter {
  /** Listens, or gets the connections of another listener as events. */
  readonly server: NetServer;
  readonly #options: SocketSorterOptions;
  readonly #tls: TlsServer | undefined;
  readonly #handshaking: Map<string, Socket> = new Map();
  #open = 0;
  #refused = 0;
  #closed = false;

  constructor(options: SocketSorterOptions) {
    const { tls } = options;
    this.#options = options;
    // Clear text lets a peer that has sent its request close its side, as node:http does.
    this.server = createServer({ noDelay: true, allowHalfOpen: tls === undefined });
    this.server.on("connection", (socket: Socket) => this.#arrived(socket));
    if (tls !== undefined) this.#tls = this.#makeTls(tls);
  }

  /** Connections closed at once, as there were too many. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Replaces certificates and keys for connections to come.
   * @throws {TypeError} If it serves clear text.
   */
  setTls(tls: TlsOptions): void {
    if (this.#tls === undefined) {
      throw new TypeError(
        "Cannot replace certificates as the server must serve TLS: current value is clear text",
      );
    }
    this.#tls.setSecureContext({ ...this.#options.tls, ...tls });
  }

  /** Drops the connections that have not said what they speak, and those to come. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#handshaking.values()) socket.destroy();
  }

  #makeTls(tls: TlsOptions): TlsServer {
    const protocols = this.#options.http2 ? ["h2", "http/1.1"] : ["http/1.1"];
    const server = createTlsServer({ ALPNProtocols: protocols, handshakeTimeout: 10_000, ...tls });
    server.on("secureConnection", (socket) => {
      this.#handshaking.delete(peerKey(socket));
      socket.setNoDelay(true);
      socket.on("error", ignore);
      if (this.#closed) socket.destroy();
      else if (socket.alpnProtocol === "h2") this.#hand(socket, this.#options.onHttp2);
      else this.#hand(socket, this.#options.onHttp1);
    });
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    return server;
  }

  #arrived(socket: Socket): void {
    const { maxConnections, http2, onHttp1 } = this.#options;
    if (this.#closed || this.#open >= maxConnections) {
      if (!this.#closed) this.#refused += 1;
      socket.destroy();
      return;
    }
    this.#open += 1;
    socket.once("close", () => {
      this.#open -= 1;
    });
    socket.setNoDelay(true);
    socket.on("error", ignore);
    if (this.#tls !== undefined) this.#handshake(socket, this.#tls);
    else if (http2) this.#sniff(socket);
    else this.#hand(socket, onHttp1);
  }

  #handshake(socket: Socket, server: TlsServer): void {
    const key = peerKey(socket);
    this.#handshaking.set(key, socket);
    socket.once("close", () => this.#handshaking.delete(key));
    server.emit("connection", socket);
  }

  #sniff(socket: Socket): void {
    const { onOpen, onHttp1, onHttp2, silenceMs } = this.#options;
    onOpen(socket);
    const onSpoken = (_socket: Socket, spoken: string): void => {
      // Whatever is neither gets its answer from HTTP/1.1.
      if (spoken === "h2") return onHttp2(socket);
      onHttp1(socket);
      socket.resume();
    };
    void new FirstBytes(socket, { timeoutMs: silenceMs, onSpoken });
  }

  #hand(socket: Socket, take: (socket: Socket) => void): void {
    this.#options.onOpen(socket);
    take(socket);
  }
}

/** Tells which socket a TLS socket was made of, which node does not say. */
function peerKey(socket: Socket): string {
  return `${socket.remoteAddress}|${socket.remotePort}`;
}

/** A connection that breaks is its protocol's business; unheard it would end the process. */
function ignore(): void {}
