import type { TlsOptions } from "node:tls";
import type { Duplex } from "node:stream";
import { type Engine, engine as ownEngine, type Session, type StreamAcceptor } from "@kratosjs/h2";
import { background, type Context } from "../../context/index.ts";
import { defaultLogger, type Logger } from "../../log/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import type { AnyService, ServiceImpl } from "../../rpc/index.ts";
import type { Server } from "../../transport/index.ts";
import { HealthStatuses } from "../health/health-statuses.ts";
import { registerHealth } from "../health/register-health.ts";
import { registerReflection } from "../reflection/register-reflection.ts";
import { findCompression } from "../wire/compression.ts";
import { grpcCodecs } from "../wire/message-format.ts";
import { callAcceptor } from "./accept-call.ts";
import type { GrpcServerOptions } from "./grpc-server-options.ts";
import { Listener } from "./listener.ts";
import { LiveCalls } from "./live-calls.ts";
import type { ServerScope } from "./server-scope.ts";
import { ServiceRoutes } from "./service-routes.ts";

const defaults = {
  address: ":0",
  network: "tcp",
  timeoutMs: 1000,
  health: true,
  reflection: true,
  maxReceiveMessageBytes: 4 * 1024 * 1024,
  maxSendMessageBytes: Infinity,
  compression: "mirror",
  compressMinBytes: 1024,
} satisfies GrpcServerOptions;

type Settings = GrpcServerOptions & Required<Pick<GrpcServerOptions, keyof typeof defaults>>;

interface Settle {
  resolve(): void;
  reject(error: unknown): void;
}

type State = "new" | "running" | "stopping" | "stopped";

/**
 * Serves gRPC.
 *
 *     const server = new GrpcServer({ address: ":9000", middleware: [recovery()] });
 *     server.register(Greeter, greeter);
 *     await server.start();
 *
 * Health and reflection come with it. Ported from go-kratos/kratos v2.9.2 transport/grpc/server.go;
 * one list of middleware wraps unary calls and streams as a whole.
 */
export class GrpcServer implements Server {
  /** The statuses grpc.health.v1.Health answers. */
  readonly health: HealthStatuses = new HealthStatuses();
  readonly closed: Promise<void>;
  readonly #options: Settings;
  readonly #routes: ServiceRoutes;
  readonly #listener: Listener;
  readonly #engine: Engine;
  readonly #sessions: Set<Session> = new Set();
  readonly #live: LiveCalls = new LiveCalls();
  readonly #cutting: AbortController = new AbortController();
  #endpoint: URL | undefined;
  #state: State = "new";
  #stopping: Promise<void> | undefined;
  #settle: Settle = { resolve() {}, reject() {} };

  constructor(options: GrpcServerOptions = {}) {
    this.#options = checked({ ...defaults, ...options });
    this.#routes = new ServiceRoutes(options.middleware ?? []);
    this.#engine = options.engine ?? ownEngine();
    const { address, network, listener, tls } = this.#options;
    this.#listener = new Listener({ address, network, listener, tls });
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
    this.#routes.add(service, implementation);
    return this;
  }

  /**
   * Adds middleware, inside the server's own, for one operation or, with `*` at its end, a prefix of them.
   * @throws {TypeError} If the server has started.
   */
  use(selector: string, ...middleware: readonly Middleware[]): this {
    this.#assertNew("use middleware", selector);
    this.#routes.use(selector, middleware);
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
    this.#state = "running";
    try {
      const endpoint = await this.endpoint();
      const acceptor = this.#acceptor({ context, endpoint: urlText(endpoint) });
      this.#listener.onFailure((error) => this.#broke(error));
      this.#listener.accept((socket) => this.#connect(socket, acceptor));
    } catch (error) {
      this.#state = "new";
      throw error;
    }
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

  /** Replaces certificates and keys for connections to come. @throws {TypeError} If it serves clear text. */
  setTls(tls: TlsOptions): void {
    this.#listener.setTls(tls);
  }

  /** Calls under way now. */
  get liveCalls(): number {
    return this.#live.count;
  }

  /** The connections open now. */
  get sessions(): readonly Session[] {
    return [...this.#sessions];
  }

  #acceptor(start: { readonly context: Context; readonly endpoint: string }): StreamAcceptor {
    const options = this.#options;
    if (options.health) registerHealth(this.#routes, this.health);
    if (options.reflection) registerReflection(this.#routes);
    const { compression } = options;
    const scope: ServerScope = {
      parent: start.context,
      endpoint: start.endpoint,
      timeoutMs: options.timeoutMs,
      maxReceiveMessageBytes: options.maxReceiveMessageBytes,
      maxSendMessageBytes: options.maxSendMessageBytes,
      compression: compression === "mirror" ? compression : findCompression(compression),
      compressMinBytes: options.compressMinBytes,
      live: this.#live,
    };
    return callAcceptor(this.#routes.compose(options.codecs ?? grpcCodecs()), scope);
  }

  #connect(socket: Duplex, acceptor: StreamAcceptor): void {
    const session = this.#engine.accept(socket, acceptor, this.#options.connection);
    this.#sessions.add(session);
    void session.closed.then(() => this.#sessions.delete(session));
  }

  async #drain(cut: AbortSignal): Promise<void> {
    const started = this.#state === "running";
    this.#state = "stopping";
    this.health.shutdown();
    if (started) this.#logger().info("[gRPC] server stopping");
    this.#listener.close();
    // The watchers of health hear of it before their streams end.
    await nextTurn();
    this.#live.end("standing");
    await Promise.allSettled([...this.#sessions].map((session) => session.close(cut)));
    this.#state = "stopped";
    this.#settle.resolve();
  }

  /** Tells the callers before their connections are cut. */
  async #force(): Promise<void> {
    if (this.#state === "stopped") return;
    this.#logger().warn("[gRPC] server couldn't stop gracefully in time, doing force stop");
    this.#live.end("all");
    await nextTurn();
    this.#cutting.abort();
  }

  #broke(error: Error): void {
    if (this.#state !== "running") return;
    this.#logger().error("[gRPC] server failed", { error });
    this.#settle.reject(error);
    this.#listener.close();
  }

  #logger(): Logger {
    return this.#options.logger ?? defaultLogger();
  }

  #assertNew(act: string, value: string): void {
    if (this.#state === "new") return;
    throw new TypeError(
      `Cannot ${act} as the server must not have started: current value is ${value}`,
    );
  }
}

/** What was written in this turn is on the wire in the next. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function urlText(url: URL): string {
  return url.pathname === "/" ? url.href.replace(/\/$/, "") : url.href;
}

function checked(options: Settings): Settings {
  for (const name of [
    "timeoutMs",
    "maxReceiveMessageBytes",
    "maxSendMessageBytes",
    "compressMinBytes",
  ] as const) {
    const value = options[name];
    if (!(value >= 0)) {
      throw new RangeError(
        `Cannot make a GrpcServer as '${name}' must be 0 or more: current value is ${value}`,
      );
    }
  }
  return options;
}
