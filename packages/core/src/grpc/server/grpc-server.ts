import { setMaxListeners } from "node:events";
import type { TlsOptions } from "node:tls";
import type { Duplex } from "node:stream";
import { type Engine, engine as ownEngine, type Session } from "@kratosjs/h2";
import { background, type Context } from "../../context/index.ts";
import { defaultLogger, type Logger } from "../../log/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import type { AnyService, ServiceImpl } from "../../rpc/index.ts";
import { checkLimits, DrainNotice, type Server } from "../../transport/index.ts";
import { Certificates } from "../../transport/tls/index.ts";
import type { ServerDescription } from "../describe/description.ts";
import type { HealthStatuses } from "../health/health-statuses.ts";
import type { GrpcServerOptions } from "./grpc-server-options.ts";
import { GrpcHandler, handlerDefaults } from "./grpc-handler.ts";
import { Listener } from "./listener.ts";
import type { ServerRecord } from "./server-record.ts";

const defaults = {
  address: ":0",
  maxConnections: Infinity,
  ...handlerDefaults,
} satisfies GrpcServerOptions;

type Settings = GrpcServerOptions & Required<Pick<GrpcServerOptions, keyof typeof defaults>>;

interface Settle {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Serves gRPC.
 *
 *     const server = new GrpcServer({ address: ":9000", middleware: [recovery()] });
 *     server.register(Greeter, greeter);
 *     await server.start();
 *
 * Health, reflection and kratos.api.Metadata come with it. Ported from go-kratos/kratos v2.9.2 transport/grpc/server.go;
 * one list of middleware wraps unary calls and streams as a whole.
 */
export class GrpcServer implements Server {
  readonly closed: Promise<void>;
  readonly #options: Settings;
  readonly #handler: GrpcHandler;
  readonly #listener: Listener;
  readonly #engine: Engine;
  readonly #record: ServerRecord;
  readonly #cutting: AbortController = new AbortController();
  readonly #certificates: Certificates;
  #endpoint: URL | undefined;
  readonly #notice: DrainNotice = new DrainNotice();
  #stopping: Promise<void> | undefined;
  #settle: Settle = { resolve() {}, reject() {} };

  /**
   * @throws {TypeError} If the address is none, or none of the `network`.
   * @throws {RangeError} If a number is below 0.
   */
  constructor(options: GrpcServerOptions = {}) {
    this.#options = checked({ ...defaults, ...options });
    // Every connection listens while the server stops, which node would take for a leak.
    setMaxListeners(0, this.#cutting.signal);
    this.#engine = options.engine ?? ownEngine();
    const { address, network, listener, maxConnections } = this.#options;
    this.#certificates = new Certificates(options);
    const { tls } = this.#certificates;
    this.#listener = new Listener({ address, network, listener, tls, maxConnections });
    this.#handler = new GrpcHandler(this.#options, this.#listener);
    this.#record = this.#handler.record;
    this.closed = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever asks for it gets the rejection; nobody asking must not end the process.
    this.closed.catch(() => {});
  }

  /**
   * Adds a service and answers the server.
   * @throws {TypeError} If it is registered already, a method is not implemented, or the server has started.
   */
  register<S extends AnyService>(service: S, implementation: ServiceImpl<S>): this {
    this.#assertNew("register a service", service.typeName);
    this.#handler.register(service, implementation);
    return this;
  }

  /**
   * Adds middleware, inside the server's own, for one operation or, with `*` at its end, a prefix of them.
   * @throws {TypeError} If the server has started.
   */
  use(selector: string, ...middleware: readonly Middleware[]): this {
    this.#assertNew("use middleware", selector);
    this.#handler.use(selector, middleware);
    return this;
  }

  /** Opens the port if need be and answers the URL to advertise. */
  async endpoint(): Promise<URL> {
    await this.#listener.open();
    // Kept, as a port that has been closed again tells nothing.
    this.#endpoint ??= new URL(this.#options.endpoint ?? this.#listener.url());
    return new URL(this.#endpoint);
  }

  /**
   * Begins to serve; `context` is the root of every call's.
   * @throws {Error} If it cannot listen.
   * @throws {TypeError} If it was started before.
   */
  async start(context: Context = background): Promise<void> {
    this.#assertNew("start the server", "started");
    this.#record.state = "running";
    try {
      const endpoint = await this.endpoint();
      this.#handler.serve({ context: this.#notice.attach(context), endpoint: urlText(endpoint) });
      this.#listener.onFailure((error) => this.#broke(error));
      this.#listener.accept((socket) => this.#connect(socket));
    } catch (error) {
      this.#record.state = "new";
      throw error;
    }
    this.#certificates.follow(this, { logger: this.#logger(), name: "gRPC" });
    this.#logger().info("[gRPC] server listening", { addr: this.#listener.text });
  }

  /** Turns health to NOT_SERVING, refuses connections, sends GOAWAY and waits for calls until the signal aborts. Never rejects. */
  stop(signal: AbortSignal): Promise<void> {
    this.#stopping ??= this.#drain(this.#cutting.signal);
    const onAbort = (): void => void this.#force();
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    return this.#stopping.finally(() => signal.removeEventListener("abort", onAbort));
  }

  /**
   * Replaces certificates and keys for connections to come; what is not given stays as it was at the beginning.
   * @throws {TypeError} If it serves clear text.
   * @throws {Error} If they do not fit together; those from before stay then.
   */
  setTls(tls: TlsOptions): void {
    this.#listener.setTls(tls);
  }

  /** The statuses grpc.health.v1.Health answers. */
  get health(): HealthStatuses {
    return this.#handler.health;
  }

  /** Calls under way now. */
  get liveCalls(): number {
    return this.#record.live.count;
  }

  /** Tells what there is to know of it now: port, connections, calls and how they went. */
  describe(): ServerDescription {
    return this.#record.describe();
  }

  /** The connections open now. */
  get sessions(): readonly Session[] {
    return this.#record.connections.map(({ session }) => session);
  }

  #connect(socket: Duplex): void {
    this.#handler.connect((acceptor) =>
      this.#engine.accept(socket, acceptor, this.#options.connection),
    );
  }

  async #drain(cut: AbortSignal): Promise<void> {
    const started = this.#record.state === "running";
    this.#record.state = "stopping";
    if (started) this.#logger().info("[gRPC] server stopping");
    this.#notice.give();
    this.#listener.close();
    this.#certificates.stop();
    await this.#handler.drain();
    await Promise.allSettled(this.sessions.map((session) => session.close(cut)));
    this.#handler.close();
    this.#settle.resolve();
  }

  /** Tells the callers before their connections are cut. */
  async #force(): Promise<void> {
    if (this.#record.state === "stopped") return;
    this.#logger().warn("[gRPC] server couldn't stop gracefully in time, doing force stop");
    await this.#handler.end();
    this.#cutting.abort();
  }

  #broke(error: Error): void {
    if (this.#record.state !== "running") return;
    this.#logger().error("[gRPC] server failed", { error });
    this.#settle.reject(error);
    this.#listener.close();
  }

  #logger(): Logger {
    return this.#options.logger ?? defaultLogger();
  }

  #assertNew(act: string, value: string): void {
    if (this.#record.state === "new") return;
    throw new TypeError(
      `Cannot ${act} as the server must not have started: current value is ${value}`,
    );
  }
}

function urlText(url: URL): string {
  return url.pathname === "/" ? url.href.replace(/\/$/, "") : url.href;
}

function checked(options: Settings): Settings {
  const { maxConnections } = options;
  checkLimits("a GrpcServer", { maxConnections });
  return options;
}
