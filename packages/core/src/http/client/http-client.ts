/**
 * Calls services over HTTP/1.1 and HTTP/2: by the google.api.http rules of their methods, by the Connect
 * protocol, or by gRPC-Web.
 * Ported from go-kratos/kratos v2.9.2 transport/http/client.go; nothing is generated.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { background } from "../../context/index.ts";
import { defaultCodecs } from "../../encoding/defaults/index.ts";
import type { CodecRegistry } from "../../encoding/index.ts";
import { defaultLogger } from "../../log/index.ts";
import { type ClientCall, type Connection, operationName, prepareCall } from "../../rpc/index.ts";
import { type Selector, withPeer } from "../../selector/index.ts";
import { Resolver } from "../../selector/resolver/index.ts";
import { checkLimits } from "../../transport/index.ts";
import { wrrSelector } from "../../selector/wrr/index.ts";
import {
  connectProtocol,
  grpcWebProtocol,
  type HttpSender,
  type Protocol,
  type ProtocolParts,
  restProtocol,
  restUpload,
  type StreamOpener,
} from "../protocols/index.ts";
import { bindingsOf } from "../rules/index.ts";
import { CallSender } from "./call-sender.ts";
import type { FetchTarget } from "./fetch-request.ts";
import { Http1Wires } from "./http1-wires.ts";
import { Http2Wires } from "./http2-wires.ts";
import { defaults, type HttpClientOptions } from "./http-client-options.ts";
import { clientPacking } from "./client-packing.ts";
import { codecOf, MethodCodecs } from "./method-codecs.ts";
import { type FetchOptions, rawFetch } from "./raw-fetch.ts";
import { wrapSender } from "./round-trip.ts";
import { WebSocketOpener } from "./web-socket-opener.ts";
import type { Wires } from "./wire.ts";

type Settings = HttpClientOptions & Required<Pick<HttpClientOptions, keyof typeof defaults>>;

/**
 * A connection to a service over HTTP.
 *
 *     const users = createClient(Users, new HttpClient({ endpoint: "discovery:///users", discovery }));
 *     const user = await users.getUser({ id: "7" });
 */
export class HttpClient implements Connection {
  readonly #settings: Settings;
  readonly #resolver: Resolver;
  readonly #wires: Wires;
  readonly #codecs: MethodCodecs;
  readonly #parts: ProtocolParts;
  readonly #protocol: Protocol;
  readonly #webSockets: WebSocketOpener;

  /**
   * @throws {TypeError} If the endpoint is none of the forms, or needs a discovery.
   * @throws {RangeError} If a time, size or count is below 0 or no number.
   */
  constructor(options: HttpClientOptions) {
    const settings = { ...defaults, ...options };
    this.#settings = settings;
    const { timeoutMs, maxConnections, compressMinBytes, maxResponseBytes } = settings;
    checkLimits("an HttpClient", { timeoutMs, maxConnections, compressMinBytes, maxResponseBytes });
    const { tls, nodeFilters } = settings;
    this.#wires =
      settings.http === "2"
        ? new Http2Wires({ tls, maxConnections: 4, ...settings })
        : new Http1Wires({ tls, maxConnections: 256, ...settings });
    const selector: Selector = (options.selector ?? wrrSelector)();
    this.#resolver = new Resolver(settings.endpoint, {
      selector,
      scheme: tls === undefined ? "http" : "https",
      discovery: settings.discovery,
      subsetSize: settings.subsetSize,
      logger: options.logger ?? defaultLogger(),
      onNodes: (nodes) => this.#wires.retain(nodes),
    });
    const resolver = this.#resolver;
    const sender = new CallSender({ selector, resolver, wires: this.#wires, nodeFilters });
    this.#codecs = new MethodCodecs(settings.codecs);
    this.#parts = partsOf(settings, {
      sender: wrapSender(sender, options.transport),
      codecs: defaultCodecs().with(...this.#codecs.all),
    });
    const { timeoutMs: handshakeTimeoutMs, errorDecoder } = settings;
    const webSockets = new WebSocketOpener({ sender, tls, handshakeTimeoutMs, errorDecoder });
    this.#webSockets = webSockets;
    const openStream: StreamOpener = (method, parts) => webSockets.open(method, parts);
    this.#protocol = protocolOf({ openStream, ...settings });
  }

  /** @throws {TypeError} If a rule of the method is impossible. */
  prepare(method: DescMethod): ClientCall {
    const { endpoint, middleware, timeoutMs } = this.#settings;
    const codec = this.#codecs.of(method) ?? this.#parts.codec;
    // Reads all rules of the method first, and tells what is wrong with one.
    const pathTemplate = templateOf(method, this.#settings);
    const send = this.#protocol(method, { ...this.#parts, codec });
    const edge = { kind: "http", endpoint, pathTemplate, middleware, timeoutMs, send };
    const call = prepareCall(method, edge);
    // The node is chosen inside of the middlewares, which may want to name it.
    return (request, options) =>
      call(request, { ...options, context: withPeer(options.context ?? background) });
  }

  /**
   * Sends a raw request to a node, past the middlewares, as the global `fetch` would to a host: what a body is
   * made of and how an answer is read are the same. `timeoutMs` is for the whole of it, the reading too; the
   * body has to be read or cancelled. Redirects are not followed: they fail.
   * @throws {KratosError} What the error decoder makes of a status that is not 200 to 299; 503, 504 or 499 without an answer.
   * @throws {TypeError} If the target is neither a path nor a URL.
   */
  fetch(target: FetchTarget, options: FetchOptions = {}): Promise<Response> {
    const { timeoutMs, errorDecoder } = this.#settings;
    return rawFetch(target, options, { parts: this.#parts, hooks: { errorDecoder }, timeoutMs });
  }

  /** Resolves when there is a node to call. */
  ready(signal?: AbortSignal): Promise<void> {
    return this.#resolver.ready(signal);
  }

  /** Ends the watch and closes all connections; calls under way fail. */
  async close(): Promise<void> {
    this.#resolver.close();
    this.#webSockets.close();
    await this.#wires.close();
  }
}

function protocolOf(settings: Settings & { readonly openStream: StreamOpener }): Protocol {
  const { protocol, connectGet, streams, openStream } = settings;
  if (protocol === "connect") return connectProtocol({ get: connectGet });
  if (protocol === "grpc-web") return grpcWebProtocol();
  if (protocol === "grpc-web-text") return grpcWebProtocol({ text: true });
  const { requestEncoder, responseDecoder, errorDecoder } = settings;
  const hooks = { requestEncoder, responseDecoder, errorDecoder };
  return restProtocol({
    streams,
    openStream: (method, parts) =>
      restUpload(method, parts, { hooks }) ?? openStream(method, parts),
    hooks,
  });
}

/** The path of a method, with the names of its variables. */
function templateOf(method: DescMethod, { protocol }: Settings): string {
  const rule = protocol === "rest" ? bindingsOf(method)[0] : undefined;
  return rule?.template.text ?? operationName(method);
}

function partsOf(
  settings: Settings,
  { sender, codecs }: { readonly sender: HttpSender; readonly codecs: CodecRegistry },
): ProtocolParts {
  const codec = codecOf(settings.codec);
  return {
    sender,
    codec,
    codecs: codecs.with(codec),
    packing: clientPacking(settings),
    maxMessageBytes: settings.maxResponseBytes,
    userAgent: settings.userAgent,
  };
}
