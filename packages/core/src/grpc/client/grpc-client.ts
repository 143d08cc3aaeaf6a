import { findCompression } from "../../encoding/compression/index.ts";
import type { DescMethod } from "@bufbuild/protobuf";
import { type ClientSession, engine as ownEngine } from "@kratosjs/h2";
import { protoCodec } from "../../encoding/proto/index.ts";
import { defaultLogger, type Logger } from "../../log/index.ts";
import type { Handler, Middleware } from "../../middleware/index.ts";
import { endsOnlyByDeadline } from "../../context/index.ts";
import { type ClientCall, type Connection, prepareCall } from "../../rpc/index.ts";
import { type Node, withPeer } from "../../selector/index.ts";
import { parseTarget } from "../../selector/resolver/index.ts";
import { checkLimits } from "../../transport/index.ts";
import { wrrSelector } from "../../selector/wrr/index.ts";
import type { ClientDescription } from "../describe/description.ts";
import { ClientRoute } from "./client-route.ts";
import type { Dialer } from "./dialer.ts";
import type { GrpcClientOptions } from "./grpc-client-options.ts";
import { NodePool } from "./node-pool.ts";
import { proxyDialer } from "./proxy-dialer.ts";
import { callStream } from "./stream-exchange.ts";
import { callUnary } from "./unary-exchange.ts";

const defaults = {
  timeoutMs: 2000,
  middleware: [],
  streamMiddleware: [],
  subsetSize: 25,
  nodeFilters: [],
  selector: wrrSelector,
  maxReceiveMessageBytes: 4 * 1024 * 1024,
  maxSendMessageBytes: Infinity,
  compression: "identity",
  compressMinBytes: 1024,
  connectTimeoutMs: 20_000,
  maxConnections: 4,
  healthCheck: true,
  printDiscoveryDebugLog: true,
} satisfies Partial<GrpcClientOptions>;

type Settings = GrpcClientOptions & Required<Pick<GrpcClientOptions, keyof typeof defaults>>;

/**
 * Calls gRPC services.
 *
 *     const client = new GrpcClient({ endpoint: "discovery:///helloworld", discovery });
 *     const greeter = createClient(Greeter, client);
 *
 * Connects when a call needs it, balances over the nodes of the endpoint, and passes over those that
 * cannot be reached. Ported from go-kratos/kratos v2.9.2 transport/grpc/client.go; middleware wraps
 * streams as a whole and its headers are sent with all their values.
 */
export class GrpcClient implements Connection {
  readonly #settings: Settings;
  readonly #pool: NodePool;
  readonly #secure: boolean;

  /**
   * @throws {TypeError} If the endpoint cannot be resolved, by its form or for want of a discovery, or `proxy` is no
   * `http:` URL or not alone.
   * @throws {RangeError} If a time, size or count is below 0 or no number.
   */
  constructor(options: GrpcClientOptions) {
    const settings = { ...defaults, ...options };
    this.#settings = settings;
    const { timeoutMs, connectTimeoutMs, maxConnections, compressMinBytes } = settings;
    const { maxReceiveMessageBytes, maxSendMessageBytes } = settings;
    checkLimits("a GrpcClient", {
      timeoutMs,
      connectTimeoutMs,
      maxConnections,
      compressMinBytes,
      maxReceiveMessageBytes,
      maxSendMessageBytes,
    });
    const wanted = settings.tls === undefined ? "grpc" : "grpcs";
    const { scheme } = parseTarget(settings.endpoint, wanted);
    this.#secure = settings.tls !== undefined || scheme === "grpcs";
    this.#pool = createPool(settings, this.#secure);
  }

  /** Prepares the calls of a method. */
  prepare(method: DescMethod): ClientCall {
    const { endpoint, timeoutMs, middleware: all, streamMiddleware } = this.#settings;
    const middleware = method.methodKind === "unary" ? all : [...all, ...streamMiddleware];
    return prepareCall(method, {
      kind: "grpc",
      endpoint,
      // A middleware can read the chosen node when the call is over.
      middleware: middleware.length === 0 ? middleware : [peerHolder, ...middleware],
      timeoutMs,
      send: this.#sender(method),
    });
  }

  /** The connections open now, by address. */
  get sessions(): ReadonlyMap<string, readonly ClientSession[]> {
    return this.#pool.sessions;
  }

  /** Tells what there is to know of it now: addresses, connections, calls and how they went. */
  describe(): ClientDescription {
    return this.#pool.record.describe();
  }

  /** Ends the watch of the registry and the connections; calls under way finish unless the signal aborts. */
  close(signal?: AbortSignal): Promise<void> {
    return this.#pool.close(signal);
  }

  #sender(method: DescMethod): Handler {
    const settings = this.#settings;
    const pool = this.#pool;
    const route = new ClientRoute(method, {
      codec: settings.codec ?? protoCodec(),
      compression: findCompression(settings.compression),
      compressMinBytes: settings.compressMinBytes,
      maxSendMessageBytes: settings.maxSendMessageBytes,
      maxReceiveMessageBytes: settings.maxReceiveMessageBytes,
      secure: this.#secure,
    });
    const call = method.methodKind === "unary" ? callUnary : callStream;
    return (request, ctx) => {
      // Where nothing but the deadline can end the call, its signal is never made.
      return call(request, { route, pool, context: ctx, cancellable: !endsOnlyByDeadline(ctx) });
    };
  }
}

const peerHolder: Middleware = (next) => (request, ctx) => next(request, withPeer(ctx));

function createPool(settings: Settings, secure: boolean): NodePool {
  const { connection, discovery, logger = defaultLogger() } = settings;
  const discovers = settings.endpoint.startsWith("discovery:");
  return new NodePool({
    endpoint: settings.endpoint,
    resolver: {
      selector: settings.selector(),
      scheme: secure ? "grpcs" : "grpc",
      subsetSize: settings.subsetSize,
      discovery,
      logger,
    },
    ...(discovers &&
      settings.printDiscoveryDebugLog && {
        onNodes: (nodes: readonly Node[]) => logUpdate(nodes, logger),
      }),
    nodeFilters: settings.nodeFilters,
    healthCheck: settings.healthCheck,
    subchannel: {
      engine: settings.engine ?? ownEngine(),
      tls: secure ? (settings.tls ?? {}) : undefined,
      dialer: dialerOf(settings),
      connection,
      connectTimeoutMs: settings.connectTimeoutMs,
      maxConnections: settings.maxConnections,
    },
  });
}

function dialerOf({ dialer, proxy }: GrpcClientOptions): Dialer | undefined {
  if (proxy === undefined) return dialer;
  if (dialer === undefined) return proxyDialer(proxy);
  throw new TypeError(
    "Cannot make a GrpcClient as only one of `dialer` and `proxy` must be given: both are",
  );
}

function logUpdate(nodes: readonly Node[], logger: Logger): void {
  logger.debug("[resolver] update instances", {
    instances: nodes.map(({ address, serviceName, version, metadata }) => ({
      address,
      name: serviceName,
      version,
      metadata,
    })),
  });
}
