/**
 * Serves registered services as REST, from the google.api.http rules of their methods.
 * Ported from go-kratos/kratos v2.9.2 transport/http/server.go; nothing is generated.
 */
import type { Server as NodeServer } from "node:http";
import type { TlsOptions } from "node:tls";
import { background, type Cancel, type Context, withCancel } from "../../context/index.ts";
import { serviceUnavailable } from "../../errors/index.ts";
import type { GrpcHandler, HealthStatuses } from "../../grpc/index.ts";
import { defaultLogger } from "../../log/index.ts";
import { type Middleware, MiddlewareTable } from "../../middleware/index.ts";
import { type AnyService, bindService, type ServiceImpl } from "../../rpc/index.ts";
import { DrainNotice, type Server } from "../../transport/index.ts";
import { Certificates } from "../../transport/tls/index.ts";
import type { ServerVitals } from "../diagnostics/vitals.ts";
import type { HttpServerDescription } from "../describe/description.ts";
import { HttpRecord } from "../describe/http-record.ts";
import { Connections } from "../wire/connections.ts";
import type { Exchange, ExchangeHandler, Filter } from "../wire/exchange.ts";
import { Guests } from "../wire/guests.ts";
import { inject, type InjectedReply, type InjectedRequest } from "../wire/inject.ts";
import { NodeExchange } from "../wire/node-exchange.ts";
import { addDiagnostics } from "./add-diagnostics.ts";
import type { BoundOperation } from "./bound-operation.ts";
import { completeSettings } from "./complete-settings.ts";
import { createEdge, type Settings } from "./create-edge.ts";
import { drainDelay } from "./drain-delay.ts";
import type { Edge } from "./edge.ts";
import { grpcUrlOf, originOf } from "./endpoints.ts";
import type { HttpServerOptions } from "./http-server-options.ts";
import { ExchangeRunner } from "./exchange-runner.ts";
import { followUpgrades } from "./follow-upgrades.ts";
import { grpcHandlerOf } from "./grpc-side.ts";
import { H2Side } from "./h2-side.ts";
import type { HeaderMatch } from "./header-routes.ts";
import { type JsonOptions, JsonRules, selects } from "./json-rules.ts";
import { Listener } from "./listener.ts";
import { type MountHandler, mountRoute } from "./mount.ts";
import { createNodeServer } from "./node-server.ts";
import { RawRoute } from "./raw-route.ts";
import { joinPath } from "./request-path.ts";
import { RouteGroup } from "./route-group.ts";
import { Router } from "./router.ts";
import { serveAsHandler, type ServedHandlers } from "./serve-as-handler.ts";
import { operationRoutes } from "./service-routes.ts";
import { SocketSorter } from "./socket-sorter.ts";

/**
 * An HTTP server of services, routes written by hand and mounted handlers.
 *
 *     const server = new HttpServer({ address: ":8000", middleware: [recovery()] });
 *     server.register(Greeter, greeter);
 *     await server.start();
 */
export class HttpServer implements Server {
  readonly closed: Promise<void>;
  /** Answers requests of another server, as in `http.createServer(server.handler)`; nothing has to be started. */
  readonly handler: ServedHandlers["handler"];
  /** Answers requests of the fetch standard; nothing has to be started. Streams end when the signal aborts. */
  readonly fetch: ServedHandlers["fetch"];
  readonly #settings: Settings;
  readonly #certificates: Certificates;
  readonly #node: NodeServer;
  readonly #sorter: SocketSorter;
  readonly #h2: H2Side;
  readonly #listener: Listener;
  readonly #connections: Connections;
  readonly #guests: Guests;
  readonly #record: HttpRecord;
  readonly #middleware: MiddlewareTable;
  readonly #operations: BoundOperation[] = [];
  readonly #edge: Edge;
  readonly #json: JsonRules;
  readonly #router: Router;
  readonly #runner: ExchangeRunner;
  readonly #grpc: GrpcHandler | undefined;
  readonly #notice: DrainNotice = new DrainNotice();
  #root: Cancel = withCancel(this.#notice.attach(background));
  #started = false;
  readonly #waiting: Exchange[] = [];
  #stopping: Promise<void> | undefined;
  readonly #cutting: AbortController = new AbortController();
  #close: { resolve(): void; reject(error: Error): void } = { resolve() {}, reject() {} };

  /**
   * @throws {TypeError} If the address is none or none of the `network`, one of `trustedProxies` or of `diagnostics`.
   * @throws {RangeError} If a time, size or count is below 0 or no number, or `connection` has one HTTP/2 does not allow.
   */
  constructor(options: HttpServerOptions = {}) {
    this.#settings = completeSettings(options);
    this.#connections = new Connections(this.#settings);
    this.#guests = new Guests(this.#connections, this.#settings);
    ({ handler: this.handler, fetch: this.fetch } = serveAsHandler(this.#guests, this.#run));
    this.#certificates = new Certificates(options);
    const { address, network, listener, endpoint, middleware, filters } = this.#settings;
    this.closed = new Promise((resolve, reject) => {
      this.#close = { resolve, reject };
    });
    this.closed.catch(() => {}); // whoever does not look at it is not to end the process
    this.#node = createNodeServer(this.#settings, (request, response) => {
      const exchange = new NodeExchange(request, response, this.#connections);
      this.#connections.begin(exchange);
      this.#accept(exchange);
    });
    this.#sorter = this.#makeSorter();
    const scheme = this.#certificates.tls === undefined ? "http" : "https";
    const place = { address, network, listener, scheme, endpoint } as const;
    this.#listener = new Listener(this.#sorter.server, place);
    this.#record = new HttpRecord({
      listener: this.#listener,
      sorter: this.#sorter,
      connections: this.#connections,
      guests: this.#guests,
    });
    this.#grpc = grpcHandlerOf(this.#settings, this.#record);
    this.#h2 = new H2Side({
      settings: this.#settings,
      connections: this.#connections,
      grpc: this.#grpc,
      onExchange: (exchange) => this.#accept(exchange),
    });
    this.#follow();
    this.#middleware = new MiddlewareTable(middleware);
    this.#edge = createEdge(this.#settings, () => originOf(this.#listener.url));
    this.#json = new JsonRules(this.#edge.codecs, options.json);
    this.#router = new Router({
      strictSlash: this.#settings.strictSlash,
      notFound: options.notFound,
      methodNotAllowed: options.methodNotAllowed,
    });
    addDiagnostics(this.#router, {
      settings: this.#settings,
      edge: this.#edge,
      vitals: () => this.#vitals(),
      closed: this.closed,
    });
    this.#runner = new ExchangeRunner({
      filters,
      trustedProxies: options.trustedProxies,
      handler: (exchange, ctx) => this.#router.handle(exchange, ctx),
      edge: this.#edge,
      logger: () => this.#logger,
    });
  }

  /**
   * Serves the service: methods at the paths of their rules, and all at their RPC paths, where Connect and
   * gRPC-Web are spoken too.
   * With `grpc`, as gRPC as well, and before the server starts.
   * @throws {TypeError} If a method is not implemented, a rule is impossible or a path is taken.
   */
  register<S extends AnyService>(service: S, implementation: ServiceImpl<S>): this {
    const { pathPrefix } = this.#settings;
    const table = this.#middleware;
    this.#grpc?.register(service, implementation);
    for (const operation of bindService(service, implementation)) {
      const edge = this.#edgeOf(operation.name);
      const { bound, routes } = operationRoutes(operation, { edge, table, pathPrefix });
      this.#operations.push(bound);
      for (const route of routes) this.#router.add(route);
    }
    return this;
  }

  /**
   * Adds middlewares for an operation, or for all whose names begin with the selector when it ends in `*`.
   * With `grpc`, before the server starts.
   */
  use(selector: string, ...middleware: readonly Middleware[]): this {
    this.#grpc?.use(selector, middleware);
    this.#middleware.use(selector, ...middleware);
    for (const operation of this.#operations) operation.reset();
    return this;
  }

  /**
   * Says how JSON is read and written for an operation, or for all whose names begin with the selector when
   * it ends in `*`: the exact selector holds, else the longest. For services that are registered later.
   * @throws {TypeError} If an operation it names is registered already.
   */
  json(selector: string, options: JsonOptions): this {
    const late = this.#operations.find(({ operation }) => selects(selector, operation.name));
    if (late !== undefined) {
      throw new TypeError(
        `Cannot set the JSON of "${selector}" as its services must not be registered yet: current value is ${late.operation.name}`,
      );
    }
    this.#json.set(selector, options);
    return this;
  }

  /** Begins a group of routes written by hand, below the prefix and inside the filters. */
  route(prefix: string, ...filters: readonly Filter[]): RouteGroup {
    const { pathPrefix } = this.#settings;
    return new RouteGroup({
      prefix: joinPath(pathPrefix, prefix),
      filters,
      edge: this.#edge,
      edgeOf: (operation) => this.#edgeOf(operation),
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

  /** Answers requests that have this header, with this value where it is not empty, on paths that have no route of their own. */
  handleHeader(header: HeaderMatch, handler: ExchangeHandler): this {
    this.#router.addHeader({ ...header, route: new RawRoute(handler, "", this.#edge) });
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

  /** The statuses grpc.health.v1.Health answers; undefined without `grpc`. */
  get health(): HealthStatuses | undefined {
    return this.#grpc?.health;
  }

  /** Whether it has begun to stop, which is when a readiness probe is to answer 503. */
  get draining(): boolean {
    return this.#connections.draining;
  }

  /** Connections closed at once so far, as there were `maxConnections` already. */
  get refusedConnections(): number {
    return this.#sorter.refused;
  }

  /** Tells what there is to know of it now: listener, connections, exchanges under way and its gRPC. */
  describe(): HttpServerDescription {
    return this.#record.describe(this.#grpc);
  }

  /** Answers a request without a socket; everything else is as on one. */
  inject(request: InjectedRequest): Promise<InjectedReply> {
    return inject(this.#node, request);
  }

  /**
   * Replaces certificates and keys for connections to come; what is not given stays as it was at the beginning.
   * @throws {TypeError} If it serves clear text.
   * @throws {Error} If they do not fit together; those from before stay then.
   */
  setTls(tls: TlsOptions): void {
    this.#sorter.setTls(tls);
  }

  async endpoint(): Promise<URL> {
    await this.#listener.open();
    return this.#listener.url ?? new URL("http://127.0.0.1");
  }

  /** Answers the URLs to register: that of HTTP and, with `grpc`, the same port under the scheme of gRPC. */
  async endpoints(): Promise<readonly URL[]> {
    const url = await this.endpoint();
    const grpc = this.#grpc === undefined ? undefined : grpcUrlOf(url);
    return grpc === undefined ? [url] : [url, grpc];
  }

  /**
   * Begins to serve; `context` is the root of every call's.
   * @throws {Error} If it cannot listen; it may be started again then.
   * @throws {TypeError} If it was started or stopped before.
   */
  async start(context: Context = background): Promise<void> {
    this.#record.assertNew();
    await this.#listener.open();
    this.#record.begin();
    this.#root = withCancel(this.#notice.attach(context));
    const endpoint = originOf(this.#listener.url).replace(/^http/, "grpc");
    this.#grpc?.serve({ context: this.#root.context, endpoint });
    this.#started = true;
    this.#h2.start();
    for (const exchange of this.#waiting.splice(0)) this.#run(exchange);
    this.#certificates.follow(this, { logger: this.#logger, name: "HTTP" });
    this.#logger.info("[HTTP] server listening", { addr: this.#listener.text });
  }

  stop(signal: AbortSignal): Promise<void> {
    const cut = (): void => void this.#cut();
    if (signal.aborted) cut();
    signal.addEventListener("abort", cut, { once: true });
    this.#stopping ??= this.#stop();
    return this.#stopping.finally(() => signal.removeEventListener("abort", cut));
  }

  async #stop(): Promise<void> {
    if (this.#started) this.#logger.info("[HTTP] server stopping");
    this.#record.state = "stopping";
    // A listener that is still opening has to be open to be closed.
    await this.#listener.opened?.catch(() => {});
    this.#connections.leave();
    this.#notice.give();
    this.#grpc?.health.shutdown();
    if (this.#started) await drainDelay(this.#settings.drainDelayMs, this.#cutting.signal);
    this.#certificates.stop();
    this.#listener.close();
    this.#sorter.close();
    this.#node.close();
    for (const exchange of this.#waiting.splice(0)) this.#run(exchange);
    this.#edge.webSockets.goAway();
    await this.#grpc?.drain();
    await Promise.all([this.#connections.drain(), this.#guests.drain()]);
    this.#grpc?.close();
    this.#runner.close();
    this.#record.state = "stopped";
    this.#close.resolve();
  }

  async #cut(): Promise<void> {
    this.#cutting.abort();
    if (this.#connections.size > 0) {
      this.#logger.warn("[HTTP] server couldn't stop gracefully in time, doing force stop");
    }
    // Callers of gRPC are told before their connections are cut.
    if (this.#grpc !== undefined && this.#grpc.live.count > 0) await this.#grpc.end();
    this.#root.cancel(serviceUnavailable("SERVER_STOPPED", "the server has stopped"));
    await this.#runner.lastWords();
    this.#connections.cut();
    this.#guests.cut();
  }

  get #logger(): NonNullable<HttpServerOptions["logger"]> {
    return this.#settings.logger ?? defaultLogger();
  }

  #edgeOf(operation: string): Edge {
    const codecs = this.#json.codecsOf(operation);
    return codecs === this.#edge.codecs ? this.#edge : { ...this.#edge, codecs };
  }

  #makeSorter(): SocketSorter {
    const { http2, headersTimeoutMs, maxConnections } = this.#settings;
    return new SocketSorter({
      tls: this.#certificates.tls,
      http2,
      silenceMs: headersTimeoutMs,
      maxConnections,
      onOpen: (socket) => this.#connections.add(socket),
      onHttp1: (socket) => this.#node.emit("connection", socket),
      onHttp2: (socket) => this.#h2.open(socket),
    });
  }

  #follow(): void {
    this.#node.on("connection", (socket) => this.#connections.add(socket));
    followUpgrades(this.#node, this.#connections, (exchange) => this.#accept(exchange));
    this.#sorter.server.on("error", (error) => {
      // Before it listens the listener reports it; a server that is stopping has nothing to lose.
      if (this.#started && this.#stopping === undefined) this.#close.reject(error);
    });
  }

  readonly #run = (exchange: Exchange): void => this.#runner.run(exchange, this.#root.context);

  /** Requests that come between `endpoint()` and `start()` wait: the context of calls is not known yet. */
  #accept(exchange: Exchange): void {
    if (this.#started || this.#listener.opened === undefined) this.#run(exchange);
    else this.#waiting.push(exchange);
  }

  #vitals(): ServerVitals {
    return {
      connections: this.#connections.size,
      refusedConnections: this.refusedConnections,
      liveCalls: this.#runner.live + (this.#grpc?.live.count ?? 0),
      draining: this.draining,
    };
  }
}
