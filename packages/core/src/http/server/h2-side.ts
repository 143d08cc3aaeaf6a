import type { Duplex } from "node:stream";
import {
  checkSessionOptions,
  type Engine,
  engine as ownEngine,
  type ServerSessionOptions,
  type Session,
  type StreamAcceptor,
} from "@kratosjs/h2";
import { type GrpcHandler, isGrpcCall } from "../../grpc/index.ts";
import type { Connections } from "../wire/connections.ts";
import type { Exchange } from "../wire/exchange.ts";
import { H2Exchange } from "../wire/h2-exchange.ts";
import { h2RequestOf } from "../wire/h2-request.ts";
import type { HttpServerOptions } from "./http-server-options.ts";

type Limits = Required<
  Pick<
    HttpServerOptions,
    | "headersTimeoutMs"
    | "requestTimeoutMs"
    | "keepAliveTimeoutMs"
    | "writeTimeoutMs"
    | "bodyIdleTimeoutMs"
    | "maxHeaderBytes"
  >
>;

/** What the HTTP/2 of a server goes by, and who gets the requests. */
export interface H2SideOptions {
  readonly settings: Limits & Pick<HttpServerOptions, "engine" | "connection">;
  readonly connections: Connections;
  /** Takes the calls of gRPC. */
  readonly grpc: GrpcHandler | undefined;
  readonly onExchange: (exchange: Exchange) => void;
}

/** The HTTP/2 of a server: makes sessions of connections and exchanges of streams. */
export class H2Side {
  readonly #options: H2SideOptions;
  readonly #engine: Engine;
  readonly #sessionOptions: ServerSessionOptions;
  #waiting: Duplex[] | undefined = [];

  /** @throws {RangeError} If `connection` has a size that HTTP/2 does not allow. */
  constructor(options: H2SideOptions) {
    this.#options = options;
    this.#engine = options.settings.engine ?? ownEngine();
    this.#sessionOptions = sessionOptions(options.settings);
  }

  /** Begins with the connections that came before the server was started. */
  start(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const socket of waiting) this.open(socket);
  }

  /** Takes a connection. Before the start nobody knows the context of its calls: it waits. */
  open(socket: Duplex): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(socket);
      return;
    }
    if (socket.destroyed) return;
    this.#options.connections.addSession(this.#accept(socket));
    // An engine that reads off the handle fetches what is buffered itself.
    if (socket.listenerCount("data") > 0) socket.resume();
  }

  #accept(socket: Duplex): Session {
    const { grpc } = this.#options;
    const accept = (acceptCall: StreamAcceptor | undefined): Session =>
      this.#engine.accept(socket, this.#acceptor(acceptCall), this.#sessionOptions);
    return grpc === undefined ? accept(undefined) : grpc.connect(accept);
  }

  #acceptor(acceptCall: StreamAcceptor | undefined): StreamAcceptor {
    const { settings, connections, onExchange } = this.#options;
    const { requestTimeoutMs: bodyTimeoutMs, bodyIdleTimeoutMs } = settings;
    return (stream, headers, ended) => {
      if (acceptCall !== undefined && isGrpcCall(headers)) {
        return acceptCall(stream, headers, ended);
      }
      const request = h2RequestOf(headers);
      const parts = { request, ended, bodyTimeoutMs, bodyIdleTimeoutMs, connections };
      const exchange = new H2Exchange(stream, parts);
      connections.beginStream(exchange);
      onExchange(exchange);
      return exchange;
    };
  }
}

const smallestHeaderList = 1024;

/** The limits of HTTP/1.1 in the words of HTTP/2; what is given for HTTP/2 alone counts. */
function sessionOptions(settings: H2SideOptions["settings"]): ServerSessionOptions {
  const headersTimeoutMs = settings.headersTimeoutMs || Infinity;
  const options = {
    headersTimeoutMs,
    prefaceTimeoutMs: headersTimeoutMs,
    idleTimeoutMs: settings.keepAliveTimeoutMs,
    writeTimeoutMs: settings.writeTimeoutMs || Infinity,
    maxHeaderListBytes: Math.max(settings.maxHeaderBytes, smallestHeaderList),
    ...settings.connection,
  };
  checkSessionOptions(options);
  return options;
}
