/**
 * Serves registered services as REST, from the google.api.http rules of their methods.
 * Ported from go-kratos/kratos v2.9.2 transport/http/server.go; nothing is generated.
 */
import { createServer, type RequestListener, type Server as NodeServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { background, type Cancel, type Context, withCancel } from "../../context/index.ts";
import { defaultCodecs } from "../../encoding/defaults/index.ts";
import { serviceUnavailable } from "../../errors/index.ts";
import { defaultLogger } from "../../log/index.ts";
import { chain, type Middleware, MiddlewareTable } from "../../middleware/index.ts";
import { type AnyService, bindService, type ServiceImpl } from "../../rpc/index.ts";
import type { Server } from "../../transport/index.ts";
import { Connections } from "../wire/connections.ts";
import type { Exchange, ExchangeHandler, Filter } from "../wire/exchange.ts";
import { inject, type InjectedReply, type InjectedRequest } from "../wire/inject.ts";
import { NodeExchange } from "../wire/node-exchange.ts";
import type { BoundOperation } from "./bound-operation.ts";
import type { Edge } from "./edge.ts";
import { createErrorReply } from "./error-reply.ts";
import { defaults, type HttpServerOptions } from "./http-server-options.ts";
import { Listener } from "./listener.ts";
import { type MountHandler, mountRoute } from "./mount.ts";
import { RawRoute } from "./raw-route.ts";
import { joinPath } from "./request-path.ts";
import { RouteGroup } from "./route-group.ts";
import { Router } from "./router.ts";
import { operationRoutes } from "./service-routes.ts";

type Settings = HttpServerOptions & Required<Pick<HttpServerOptions, keyof typeof defaults>>;

/**
 * An HTTP server of services, routes written by hand and mounted handlers.
 *
 *     const server = new HttpServer({ address: ":8000", middleware: [recovery()] });
 *     server.register(Greeter, greeter);
 *     await server.start();
 */
export class HttpServer implements Server {
  readonly closed: Promise<void>;
  readonly #settings: Settings;
  readonly #node: NodeServer;
  readonly #listener: Listener;
  readonly #connections: Connections = new Connections();
  readonly #middleware: MiddlewareTable;
  readonly #operations: BoundOperation[] = [];
  readonly #edge: Edge;
  readonly #router: Router;
  readonly #handler: ExchangeHandler;
  #root: Cancel = withCancel(background);
  #started = false;
  readonly #waiting: (() => void)[] = [];
  #stopping: Promise<void> | undefined;
  #close: { resolve(): void; reject(error: Error): void } = { resolve() {}, reject() {} };

  /** @throws {TypeError} If the address is none. */
  constructor(options: HttpServerOptions = {}) {
    this.#settings = { ...defaults, ...options };
    const { address, listener, endpoint, tls, middleware, filters } = this.#settings;
    this.closed = new Promise((resolve, reject) => {
      this.#close = { resolve, reject };
    });
    this.closed.catch(() => {}); // whoever does not look at it is not to end the process
    this.#node = createNodeServer(this.#settings, (request, response) => {
      const exchange = new NodeExchange(request, response, this.#connections);
      this.#connections.begin(exchange);
      this.#accept(exchange);
    });
    this.#follow();
    const scheme = tls === undefined ? "http" : "https";
    this.#listener = new Listener(this.#node, { address, listener, scheme, endpoint });
    this.#middleware = new MiddlewareTable(middleware);
    this.#edge = this.#makeEdge();
    this.#router = new Router({
      strictSlash: this.#settings.strictSlash,
      notFound: options.notFound,
      methodNotAllowed: options.methodNotAllowed,
    });
    this.#handler = chain<ExchangeHandler>(...filters)((exchange, ctx) =>
      this.#route(exchange, ctx),
    );
  }

  /**
   * Serves the service: unary and server-streaming methods at the paths of their rules, and at their RPC paths.
   * @throws {TypeError} If a method is not implemented, a rule is impossible or a path is taken.
   */
  register<S extends AnyService>(service: S, implementation: ServiceImpl<S>): this {
    const options = {
      edge: this.#edge,
      table: this.#middleware,
      pathPrefix: this.#settings.pathPrefix,
    };
    for (const operation of bindService(service, implementation)) {
      const { bound, routes } = operationRoutes(operation, options);
      this.#operations.push(bound);
      for (const route of routes) this.#router.add(route);
    }
    return this;
  }

  /** Adds middlewares for an operation, or for all whose names begin with the selector when it ends in `*`. */
  use(selector: string, ...middleware: readonly Middleware[]): this {
    this.#middleware.use(selector, ...middleware);
    for (const operation of this.#operations) operation.reset();
    return this;
  }

  /** Begins a group of routes written by hand, below the prefix and inside the filters. */
  route(prefix: string, ...filters: readonly Filter[]): RouteGroup {
    const { pathPrefix } = this.#settings;
    return new RouteGroup({
      prefix: joinPath(pathPrefix, prefix),
      filters,
      edge: this.#edge,
      table: this.#middleware,
      router: this.#router,
    });
  }

  /** Answers every method of a path. No middleware runs, and there is no deadline. */
  handle(path: string, handler: ExchangeHandler): this {
    const full = joinPath(this.#settings.pathPrefix, path);
    const route = new RawRoute(handler, full, this.#edge);
    this.#router.add({ method: "*", path: full, route, place: `handle ${path}` });
    return this;
  }

  /** Answers all paths that begin with this text and have no route of their own. */
  handlePrefix(prefix: string, handler: ExchangeHandler): this {
    const full = joinPath(this.#settings.pathPrefix, prefix);
    this.#router.addPrefix(full, new RawRoute(handler, full, this.#edge));
    return this;
  }

  /** Hands all paths below the prefix to a handler of another framework: `(req, res)` or fetch. */
  mount(prefix: string, handler: MountHandler): this {
    return this.handlePrefix(prefix, mountRoute(handler));
  }

  /** The methods and templates of all routes. */
  routes(): readonly { readonly method: string; readonly path: string }[] {
    return this.#router.routes();
  }

  /** Answers a request without a socket; everything else is as on one. */
  inject(request: InjectedRequest): Promise<InjectedReply> {
    return inject(this.#node, request);
  }

  async endpoint(): Promise<URL> {
    await this.#listener.open();
    return this.#listener.url ?? new URL("http://127.0.0.1");
  }

  async start(context: Context = background): Promise<void> {
    this.#root = withCancel(context);
    await this.#listener.open();
    this.#started = true;
    for (const begin of this.#waiting.splice(0)) begin();
    this.#logger.info("[HTTP] server listening", { addr: this.#listener.text });
  }

  stop(signal: AbortSignal): Promise<void> {
    const cut = (): void => this.#cut();
    if (signal.aborted) cut();
    signal.addEventListener("abort", cut, { once: true });
    this.#stopping ??= this.#stop();
    return this.#stopping.finally(() => signal.removeEventListener("abort", cut));
  }

  async #stop(): Promise<void> {
    if (this.#started) this.#logger.info("[HTTP] server stopping");
    // A listener that is still opening has to be open to be closed.
    await this.#listener.opened?.catch(() => {});
    this.#listener.close();
    for (const begin of this.#waiting.splice(0)) begin();
    await this.#connections.drain();
    this.#close.resolve();
  }

  #cut(): void {
    if (this.#connections.size > 0) {
      this.#logger.warn("[HTTP] server couldn't stop gracefully in time, doing force stop");
    }
    this.#root.cancel(serviceUnavailable("SERVER_STOPPED", "the server has stopped"));
    this.#connections.cut();
  }

  get #logger(): NonNullable<HttpServerOptions["logger"]> {
    return this.#settings.logger ?? defaultLogger();
  }

  #makeEdge(): Edge {
    const {
      codecs = defaultCodecs(),
      errorEncoder,
      requestDecoder,
      responseEncoder,
    } = this.#settings;
    const { maxBodyBytes, timeoutMs, heartbeatMs } = this.#settings;
    return {
      codecs,
      maxBodyBytes,
      timeoutMs,
      heartbeatMs,
      requestDecoder,
      responseEncoder,
      answerError: errorEncoder ?? createErrorReply(codecs),
      endpoint: () => originOf(this.#listener.url),
    };
  }

  #follow(): void {
    this.#node.on(this.#settings.tls === undefined ? "connection" : "secureConnection", (socket) =>
      this.#connections.add(socket),
    );
    this.#node.on("error", (error) => {
      // Before it listens the listener reports it; a server that is stopping has nothing to lose.
      if (this.#started && this.#stopping === undefined) this.#close.reject(error);
    });
  }

  /** Requests that come between `endpoint()` and `start()` wait: the context of calls is not known yet. */
  #accept(exchange: NodeExchange): void {
    const begin = (): void => void this.#serve(exchange);
    if (this.#started || this.#listener.opened === undefined) begin();
    else this.#waiting.push(begin);
  }

  /** Answers what no route fits inside of the filters, so that they see it as any other answer. */
  #route(exchange: Exchange, ctx: Context): Promise<void> | void {
    try {
      return this.#router.handle(exchange, ctx);
    } catch (error) {
      this.#edge.answerError(error, exchange);
    }
  }

  async #serve(exchange: Exchange): Promise<void> {
    try {
      await this.#handler(exchange, this.#root.context);
    } catch (error) {
      this.#answerFailure(exchange, error);
    }
  }

  #answerFailure(exchange: Exchange, error: unknown): void {
    try {
      if (!exchange.answered && !exchange.closed) return this.#edge.answerError(error, exchange);
    } catch (failure) {
      this.#logger.error("http error not answered", { error: failure });
    }
    if (exchange.closed) return;
    // Half an answer must not look like a whole one.
    this.#logger.error("http exchange cut", { error, method: exchange.method });
    exchange.destroy();
  }
}

function createNodeServer(settings: Settings, listener: RequestListener): NodeServer {
  const { headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs, maxHeaderBytes, tls } = settings;
  const shortest = Math.min(headersTimeoutMs || Infinity, requestTimeoutMs || Infinity);
  const options = {
    noDelay: true,
    // Node refuses a head that may take longer than the whole request.
    headersTimeout:
      requestTimeoutMs > 0 ? Math.min(headersTimeoutMs, requestTimeoutMs) : headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: maxHeaderBytes,
    connectionsCheckingInterval: Math.min(Math.max(shortest / 4, 50), 5000),
  };
  return tls === undefined
    ? createServer(options, listener)
    : createTlsServer(
        { ALPNProtocols: ["http/1.1"], handshakeTimeout: 10_000, ...tls, ...options },
        listener,
      );
}

function originOf(url: URL | undefined): string {
  return url === undefined ? "" : `${url.protocol}//${url.host}`;
}
