import type { Session, StreamAcceptor } from "@kratosjs/h2";
import type { Context } from "../../context/index.ts";
import { findCompression } from "../../encoding/compression/index.ts";
import type { Middleware } from "../../middleware/index.ts";
import type { AnyService, ServiceImpl } from "../../rpc/index.ts";
import { registerApiMetadata } from "../api-metadata/register-api-metadata.ts";
import { registerChannelz } from "../channelz/register-channelz.ts";
import { LiveList } from "../describe/live-list.ts";
import { Traffic } from "../describe/traffic.ts";
import { HealthStatuses } from "../health/health-statuses.ts";
import { registerHealth } from "../health/register-health.ts";
import { registerReflection } from "../reflection/register-reflection.ts";
import { grpcCodecs } from "../wire/message-format.ts";
import { callAcceptor } from "./accept-call.ts";
import type { GrpcServerOptions } from "./grpc-server-options.ts";
import { endCalls, type LiveCalls } from "./live-calls.ts";
import type { RouteTable } from "./route-table.ts";
import type { ServerScope } from "./server-scope.ts";
import { type RecordedPort, ServerRecord } from "./server-record.ts";
import { ServiceRoutes } from "./service-routes.ts";

/** Those of a GrpcServer that have nothing to do with its port. */
export type GrpcHandlerOptions = Pick<
  GrpcServerOptions,
  | "timeoutMs"
  | "middleware"
  | "streamMiddleware"
  | "health"
  | "reflection"
  | "apiMetadata"
  | "channelz"
  | "maxReceiveMessageBytes"
  | "maxSendMessageBytes"
  | "compression"
  | "compressMinBytes"
  | "codecs"
  | "unknownService"
>;

/** What stands for options that are not given. */
export const handlerDefaults: Required<
  Pick<
    GrpcHandlerOptions,
    | "timeoutMs"
    | "health"
    | "reflection"
    | "channelz"
    | "maxReceiveMessageBytes"
    | "maxSendMessageBytes"
    | "compression"
    | "compressMinBytes"
  >
> = {
  timeoutMs: 1000,
  health: true,
  reflection: true,
  channelz: false,
  maxReceiveMessageBytes: 4 * 1024 * 1024,
  maxSendMessageBytes: Infinity,
  compression: "mirror",
  compressMinBytes: 1024,
};

type Settings = GrpcHandlerOptions &
  Required<Pick<GrpcHandlerOptions, keyof typeof handlerDefaults>>;

/** gRPC without a port of its own: the services, the calls under way and their end, and the record of it all. */
export class GrpcHandler {
  /** The statuses grpc.health.v1.Health answers. */
  readonly health: HealthStatuses = new HealthStatuses();
  /** The calls under way. */
  readonly live: LiveCalls = new LiveList();
  /** What is known of it; channelz lists it from `serve` to `close`. */
  readonly record: ServerRecord;
  readonly #options: Settings;
  readonly #routes: ServiceRoutes;
  #serving:
    | {
        readonly routes: RouteTable;
        readonly scope: Omit<ServerScope, "traffic">;
      }
    | undefined;

  /**
   * Takes the port its owner listens on, for the record.
   * @throws {RangeError} If a number is below 0.
   */
  constructor(options: GrpcHandlerOptions = {}, port?: RecordedPort) {
    this.#options = checked({ ...handlerDefaults, ...options });
    this.record = new ServerRecord(this.live, port);
    this.#routes = new ServiceRoutes(options.middleware ?? [], options.streamMiddleware);
  }

  /**
   * Adds a service.
   * @throws {TypeError} If it is registered already, a method is not implemented, or the handler serves.
   */
  register<S extends AnyService>(service: S, implementation: ServiceImpl<S>): void {
    this.#assertNew("register a service", service.typeName);
    this.#routes.add(service, implementation);
  }

  /**
   * Adds middleware for one operation or, with `*` at its end, a prefix of them.
   * @throws {TypeError} If the handler serves.
   */
  use(selector: string, middleware: readonly Middleware[]): void {
    this.#assertNew("use middleware", selector);
    this.#routes.use(selector, middleware);
  }

  /** Composes the routes, with those of the built-in services. */
  serve(start: { readonly context: Context; readonly endpoint: string }): void {
    const options = this.#options;
    if (options.health) registerHealth(this.#routes, this.health);
    if (options.reflection) registerReflection(this.#routes);
    if (options.apiMetadata ?? options.reflection) registerApiMetadata(this.#routes);
    if (options.channelz) registerChannelz(this.#routes);
    const { compression } = options;
    this.#serving = {
      routes: this.#routes.compose(options.codecs ?? grpcCodecs(), options.unknownService),
      scope: {
        parent: start.context,
        endpoint: start.endpoint,
        timeoutMs: options.timeoutMs,
        maxReceiveMessageBytes: options.maxReceiveMessageBytes,
        maxSendMessageBytes: options.maxSendMessageBytes,
        compression: compression === "mirror" ? compression : findCompression(compression),
        compressMinBytes: options.compressMinBytes,
        live: this.live,
      },
    };
    this.record.begin();
  }

  /**
   * Opens a connection: `accept` makes a session of what takes its streams. It is on record until it closes.
   * @throws {TypeError} If the handler does not serve yet.
   */
  connect(accept: (acceptor: StreamAcceptor) => Session): Session {
    if (this.#serving === undefined) {
      throw new TypeError("Cannot take calls as `serve` must be called first: it was not");
    }
    const { routes, scope } = this.#serving;
    const traffic = new Traffic();
    const session = accept(callAcceptor(routes, { ...scope, traffic }));
    void this.record.admit(session, traffic);
    return session;
  }

  /** Turns health to NOT_SERVING and ends the streams that would stand for ever; the others go on. */
  async drain(): Promise<void> {
    this.record.state = "stopping";
    this.health.shutdown();
    // The watchers of health hear of it before their streams end.
    await nextTurn();
    endCalls(this.live, "standing");
  }

  /** Ends all calls; resolves when their callers have been told as far as the wire takes it. */
  async end(): Promise<void> {
    endCalls(this.live, "all");
    await nextTurn();
  }

  /** Notes that the last connection has closed. */
  close(): void {
    this.record.end();
  }

  #assertNew(act: string, value: string): void {
    if (this.#serving === undefined) return;
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
        `Cannot serve gRPC as '${name}' must be 0 or more: current value is ${value}`,
      );
    }
  }
  return options;
}
