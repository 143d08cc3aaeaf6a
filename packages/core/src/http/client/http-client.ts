/**
 * Calls services over HTTP/1.1 and HTTP/2: by the google.api.http rules of their methods, by the Connect
 * protocol, or by gRPC-Web.
 * Ported from go-kratos/kratos v2.9.2 transport/http/client.go; nothing is generated.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { background } from "../../context/index.ts";
import {
  brotliCompression,
  type Compression,
  deflateCompression,
  gzipCompression,
} from "../../encoding/compression/index.ts";
import { defaultCodecs } from "../../encoding/defaults/index.ts";
import type { Codec } from "../../encoding/index.ts";
import { jsonCodec } from "../../encoding/json/index.ts";
import { protoCodec } from "../../encoding/proto/index.ts";
import { defaultLogger } from "../../log/index.ts";
import { type ClientCall, type Connection, prepareCall } from "../../rpc/index.ts";
import { type Selector, withPeer } from "../../selector/index.ts";
import { Resolver } from "../../selector/resolver/index.ts";
import { wrrSelector } from "../../selector/wrr/index.ts";
import {
  connectProtocol,
  grpcWebProtocol,
  type Protocol,
  type ProtocolParts,
  restProtocol,
  type StreamOpener,
} from "../protocols/index.ts";
import { CallSender } from "./call-sender.ts";
import { Http1Wires } from "./http1-wires.ts";
import { Http2Wires } from "./http2-wires.ts";
import { defaults, type HttpClientOptions } from "./http-client-options.ts";
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
  readonly #parts: ProtocolParts;
  readonly #protocol: Protocol;
  readonly #webSockets: WebSocketOpener;

  /** @throws {TypeError} If the endpoint is none of the forms, or needs a discovery. */
  constructor(options: HttpClientOptions) {
    const settings = { ...defaults, ...options };
    this.#settings = settings;
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
    this.#parts = partsOf(settings, sender);
    const webSockets = new WebSocketOpener({ sender, tls, handshakeTimeoutMs: settings.timeoutMs });
    this.#webSockets = webSockets;
    const openStream: StreamOpener = (method, parts) => webSockets.open(method, parts);
    this.#protocol = protocolOf({ openStream, ...settings });
  }

  /** @throws {TypeError} If a rule of the method is impossible. */
  prepare(method: DescMethod): ClientCall {
    const { endpoint, middleware, timeoutMs } = this.#settings;
    const send = this.#protocol(method, this.#parts);
    const call = prepareCall(method, { kind: "http", endpoint, middleware, timeoutMs, send });
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
    this.#webSockets.close();
    await this.#wires.close();
  }
}

function protocolOf({ protocol, connectGet, streams, openStream }: Settings): Protocol {
  if (protocol === "connect") return connectProtocol({ get: connectGet });
  if (protocol === "grpc-web") return grpcWebProtocol();
  if (protocol === "grpc-web-text") return grpcWebProtocol({ text: true });
  return restProtocol({ streams, openStream });
}

function partsOf(settings: Settings, sender: CallSender): ProtocolParts {
  const codec = codecOf(settings.codec);
  return {
    sender,
    codec,
    codecs: defaultCodecs().with(codec),
    compression: compressions.find(({ name }) => name === settings.compression),
    compressMinBytes: settings.compressMinBytes,
    accepted: compressions,
    maxMessageBytes: settings.maxResponseBytes,
    userAgent: settings.userAgent,
  };
}

function codecOf(codec: Codec | "json" | "proto"): Codec {
  if (codec === "json") return jsonCodec();
  return codec === "proto" ? protoCodec() : codec;
}

const compressions: readonly Compression[] = [
  gzipCompression,
  brotliCompression,
  deflateCompression,
];
