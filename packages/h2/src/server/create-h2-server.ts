/**
 * A server of HTTP/2 connections: clear text by prior knowledge, TLS by ALPN, unix sockets, and
 * HTTP/1.x on the same port for whoever takes it.
 *
 *     const server = createH2Server(acceptor, { onHttp1: (socket) => http1.emit("connection", socket) });
 *     const { port } = await server.listen({ port: 8000 });
 */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type TlsOptions,
  type Server as TlsServer,
  type TLSSocket,
} from "node:tls";
import type { Engine, ServerSessionOptions, Session, StreamAcceptor } from "../contract.ts";
import { engine as ownEngine } from "../engine.ts";
import { FirstBytes, type Spoken } from "./first-bytes.ts";
import type { H2Server, H2ServerCounters, ListenOptions } from "./h2-server.ts";
import { refuseHttp1 } from "./refuse-http1.ts";

export interface H2ServerOptions {
  /** Limits and times of each session. @default the engine's */
  readonly session?: ServerSessionOptions;
  /** Serves over TLS with these; `ca` and `requestCert` make it mutual. @default clear text */
  readonly tls?: TlsOptions;
  /** A listener that exists, instead of one made here; one of node:tls must offer ALPN "h2". @default none */
  readonly listener?: Server | TlsServer;
  /** Takes connections that begin as HTTP/1.x, with nothing read off them. @default answers 505 and closes */
  readonly onHttp1?: (socket: Socket) => void;
  /**
   * Connections at a time, whatever they speak and those in a TLS handshake among them; a further one is
   * closed at once and counted. @default {Infinity}
   */
  readonly maxConnections?: number;
  /** Hears of each new session. @default nobody */
  readonly onSession?: (session: Session) => void;
  /** Hears of connections that failed before they were a session, such as in the TLS handshake. @default nobody */
  readonly onConnectionError?: (error: Error) => void;
  /** Makes the sessions. @default the engine of this package */
  readonly engine?: Engine;
}

const defaultPrefaceTimeoutMs = 10_000;

/** Makes a server that gives each stream to the acceptor. It listens once it is told to. */
export function createH2Server(acceptor: StreamAcceptor, options: H2ServerOptions = {}): H2Server {
  return new SocketServer(acceptor, options);
}

class SocketServer implements H2Server {
  readonly sessions: Set<Session> = new Set();
  readonly #counters: H2ServerCounters = { connections: 0, refused: 0 };
  readonly #maxConnections: number;
  readonly #acceptor: StreamAcceptor;
  readonly #options: H2ServerOptions;
  readonly #engine: Engine;
  readonly #listener: Server | TlsServer;
  readonly #timeoutMs: number;
  readonly #undecided: Set<FirstBytes> = new Set();
  #closing = false;

  constructor(acceptor: StreamAcceptor, options: H2ServerOptions) {
    const { listener, tls, session, maxConnections = Infinity } = options;
    if (!(maxConnections >= 0)) {
      throw new RangeError(
        `Cannot make a server as 'maxConnections' must be 0 or more: current value is ${maxConnections}`,
      );
    }
    this.#maxConnections = maxConnections;
    if (listener !== undefined && tls !== undefined) {
      throw new TypeError(
        "Cannot make a server as 'tls' must not be given with 'listener': it has its own",
      );
    }
    this.#acceptor = acceptor;
    this.#options = options;
    this.#engine = options.engine ?? ownEngine();
    this.#timeoutMs = session?.prefaceTimeoutMs ?? defaultPrefaceTimeoutMs;
    this.#listener = listener ?? this.#makeListener(tls);
    this.#attach(this.#listener);
  }

  get counters(): Readonly<H2ServerCounters> {
    return this.#counters;
  }

  async listen(options: ListenOptions = {}): Promise<AddressInfo | string> {
    const { port = 0, host, path } = options;
    const where = path === undefined ? { port, ...(host === undefined ? {} : { host }) } : { path };
    await new Promise<void>((resolve, reject) => {
      this.#listener.once("error", reject);
      this.#listener.listen(where, () => {
        this.#listener.off("error", reject);
        resolve();
      });
    });
    const address = this.#listener.address();
    if (address === null) throw new Error("Cannot listen as the server was closed meanwhile");
    return address;
  }

  address(): AddressInfo | string | null {
    return this.#listener.address();
  }

  setSecureContext(options: SecureContextOptions): void {
    if (!isTls(this.#listener)) {
      throw new TypeError(
        "Cannot replace certificates as the server must use TLS: it speaks clear text",
      );
    }
    this.#listener.setSecureContext(options);
  }

  async close(signal?: AbortSignal): Promise<void> {
    this.#closing = true;
    this.#listener.close();
    for (const first of this.#undecided) first.stop();
    await Promise.all([...this.sessions].map((session) => session.close(signal)));
  }

  #makeListener(tls: TlsOptions | undefined): Server | TlsServer {
    if (tls === undefined) return createServer({ noDelay: true });
    const protocols = this.#options.onHttp1 === undefined ? ["h2"] : ["h2", "http/1.1"];
    return createTlsServer({
      handshakeTimeout: this.#timeoutMs,
      ALPNProtocols: protocols,
      ...tls,
    });
  }

  #attach(listener: Server | TlsServer): void {
    listener.on("error", (error: Error) => {
      // When it cannot listen, `listen` says so. Later it is a connection that could not be taken, such
      // as for want of file descriptors, and must not end the process.
      if (listener.listening) this.#options.onConnectionError?.(error);
    });
    if (!isTls(listener)) {
      listener.on("connection", (socket: Socket) => {
        if (this.#admits(socket)) this.#sniff(socket);
      });
      return;
    }
    // Before node:tls begins its handshake, which costs much more than a refusal.
    const handshakes = listener.listeners("connection");
    listener.removeAllListeners("connection");
    listener.on("connection", (socket: Socket) => {
      if (!this.#admits(socket)) return;
      for (const handshake of handshakes) handshake.call(listener, socket);
    });
    listener.on("secureConnection", (socket: TLSSocket) => this.#agreed(socket));
    listener.on("tlsClientError", (error: Error) => this.#options.onConnectionError?.(error));
  }

  /** Counts a connection in and, when it closes, out; false when there are as many as may be. */
  #admits(socket: Socket): boolean {
    const counters = this.#counters;
    if (counters.connections >= this.#maxConnections) {
      counters.refused += 1;
      socket.destroy();
      return false;
    }
    counters.connections += 1;
    socket.once("close", () => (counters.connections -= 1));
    return true;
  }

  #agreed(socket: TLSSocket): void {
    socket.setNoDelay(true);
    if (socket.alpnProtocol === "h2") this.#accept(socket);
    // Without ALPN the bytes tell, as they do in clear text.
    else this.#sniff(socket);
  }

  #sniff(socket: Socket): void {
    socket.setNoDelay(true);
    const first = new FirstBytes(socket, {
      timeoutMs: this.#timeoutMs,
      onSpoken: (_socket, spoken) => {
        this.#undecided.delete(first);
        this.#handOn(socket, spoken);
      },
    });
    this.#undecided.add(first);
    socket.once("close", () => this.#undecided.delete(first));
    if (this.#closing) first.stop();
  }

  #handOn(socket: Socket, spoken: Spoken): void {
    const { onHttp1 } = this.#options;
    if (onHttp1 !== undefined && (spoken === "http1" || spoken === "text")) {
      // The rest of a request line may still be on its way.
      onHttp1(socket);
      socket.resume();
    } else if (spoken === "http1") {
      refuseHttp1(socket);
    } else {
      // The engine tells a peer that speaks neither what it is missing.
      this.#accept(socket);
    }
  }

  #accept(socket: Socket): void {
    if (this.#closing) {
      socket.destroy();
      return;
    }
    const session = this.#engine.accept(socket, this.#acceptor, this.#options.session);
    this.sessions.add(session);
    void session.closed.then(() => this.sessions.delete(session));
    this.#options.onSession?.(session);
    // An engine that reads off the handle fetches what is buffered itself.
    if (socket.listenerCount("data") > 0) socket.resume();
  }
}

function isTls(listener: Server | TlsServer): listener is TlsServer {
  return "setSecureContext" in listener;
}
