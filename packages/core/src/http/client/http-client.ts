/**
 * Calls services over HTTP/1.1, by the google.api.http rules of their methods.
 * Ported from go-kratos/kratos v2.9.2 transport/http/client.go; nothing is generated.
 */
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { background, type Context } from "../../context/index.ts";
import { defaultCodecs } from "../../encoding/defaults/index.ts";
import type { CodecRegistry } from "../../encoding/index.ts";
import { jsonCodec } from "../../encoding/json/index.ts";
import { KratosError } from "../../errors/index.ts";
import { defaultLogger } from "../../log/index.ts";
import { type ClientCall, type Connection, operationName, prepareCall } from "../../rpc/index.ts";
import { type Selector, withPeer } from "../../selector/index.ts";
import { Resolver } from "../../selector/resolver/index.ts";
import { wrrSelector } from "../../selector/wrr/index.ts";
import { CallSender } from "./call-sender.ts";
import { defaults, type HttpClientOptions } from "./http-client-options.ts";
import { type MethodPlan, planMethod } from "./method-plan.ts";
import { Pools } from "./pools.ts";
import { sendStream } from "./stream-call.ts";
import { sendUnary } from "./unary-call.ts";

/**
 * A connection to a service over HTTP.
 *
 *     const users = createClient(Users, new HttpClient({ endpoint: "discovery:///users", discovery }));
 *     const user = await users.getUser({ id: "7" });
 */
export class HttpClient implements Connection {
  readonly #options: HttpClientOptions & Required<Pick<HttpClientOptions, keyof typeof defaults>>;
  readonly #codec: NonNullable<HttpClientOptions["codec"]>;
  readonly #codecs: CodecRegistry;
  readonly #resolver: Resolver;
  readonly #pools: Pools;
  readonly #sender: CallSender;

  /** @throws {TypeError} If the endpoint is none of the forms, or needs a discovery. */
  constructor(options: HttpClientOptions) {
    this.#options = { ...defaults, ...options };
    const { endpoint, discovery, subsetSize, tls, maxConnections, nodeFilters, userAgent } =
      this.#options;
    this.#codec = options.codec ?? jsonCodec();
    this.#codecs = defaultCodecs().with(this.#codec);
    this.#pools = new Pools({ tls, maxConnections });
    const selector: Selector = (options.selector ?? wrrSelector)();
    this.#resolver = new Resolver(endpoint, {
      selector,
      scheme: tls === undefined ? "http" : "https",
      discovery,
      subsetSize,
      logger: options.logger ?? defaultLogger(),
      onNodes: (nodes) => this.#pools.retain(nodes),
    });
    this.#sender = new CallSender({
      selector,
      resolver: this.#resolver,
      pools: this.#pools,
      nodeFilters,
      userAgent,
    });
  }

  /** @throws {TypeError} If a rule of the method is impossible. */
  prepare(method: DescMethod): ClientCall {
    const { methodKind } = method;
    const { endpoint, middleware, timeoutMs } = this.#options;
    const edge = { kind: "http", endpoint, middleware, timeoutMs };
    if (methodKind === "client_streaming" || methodKind === "bidi_streaming") {
      return prepareCall(method, { ...edge, send: () => Promise.reject(notOverHttp(method)) });
    }
    const plan = planMethod(method, this.#codec);
    const call = prepareCall(method, {
      ...edge,
      send: (request, ctx) => this.#send(plan, request as Message, ctx), // completed by the client
    });
    // The node is chosen inside of the middlewares, which may want to name it.
    return (request, options) =>
      call(request, { ...options, context: withPeer(options.context ?? background) });
  }

  /** Resolves when there is a node to call. */
  ready(signal?: AbortSignal): Promise<void> {
    return this.#resolver.ready(signal);
  }

  /** Ends the watch and closes all connections; calls under way fail. */
  async close(): Promise<void> {
    this.#resolver.close();
    await this.#pools.close();
  }

  #send(plan: MethodPlan, message: Message, ctx: Context): Promise<unknown> {
    const parts = {
      plan,
      ctx,
      sender: this.#sender,
      codecs: this.#codecs,
      maxResponseBytes: this.#options.maxResponseBytes,
    };
    return plan.method.methodKind === "unary"
      ? sendUnary(message, parts)
      : sendStream(message, parts);
  }
}

function notOverHttp(method: DescMethod): KratosError {
  return new KratosError(`${operationName(method)} streams requests, which HTTP/1.1 cannot carry`, {
    code: 501,
    reason: "UNIMPLEMENTED",
  });
}
