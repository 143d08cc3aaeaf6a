import type { ConnectionOptions } from "node:tls";
import { GrpcClient } from "@kratosjs/core/grpc";
import { HttpClient, type HttpClientOptions } from "@kratosjs/core/http";
import type { Connection } from "@kratosjs/core/rpc";
import type { ClientCompatRequest } from "../gen/connectrpc/conformance/v1/client_compat_pb.ts";
import {
  Codec,
  Compression,
  HTTPVersion,
  Protocol,
} from "../gen/connectrpc/conformance/v1/config_pb.ts";
import { chosenEngine } from "./chosen-engine.ts";
import { json, proto } from "./codecs.ts";

/** Compressions all protocols know. */
type Packing = "identity" | "gzip" | "deflate";

const packings: ReadonlyMap<Compression, Packing> = new Map([
  [Compression.IDENTITY, "identity"],
  [Compression.GZIP, "gzip"],
  [Compression.DEFLATE, "deflate"],
]);

interface ClosableConnection extends Connection {
  close(): Promise<void>;
}

/** The clients of a run: calls that ask for the same settings share one. */
export class Connections {
  readonly #clients: Map<string, ClosableConnection> = new Map();

  /** @throws {Error} If the settings are not claimed. */
  for(request: ClientCompatRequest): Connection {
    const { codec, compression, host, port, messageReceiveLimit } = request;
    const { protocol, httpVersion, useGetHttpMethod } = request;
    const withCerts = request.clientTlsCreds !== undefined;
    const wire = [protocol, httpVersion, useGetHttpMethod];
    const key = JSON.stringify([
      host,
      port,
      codec,
      compression,
      messageReceiveLimit,
      withCerts,
      wire,
    ]);
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const client = request.protocol === Protocol.GRPC ? connectGrpc(request) : connectHttp(request);
    this.#clients.set(key, client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }
}

function connectGrpc(request: ClientCompatRequest): GrpcClient {
  const { messageReceiveLimit } = request;
  const tls = tlsOf(request);
  return new GrpcClient({
    endpoint: endpointOf(request),
    engine: chosenEngine(),
    timeoutMs: 0,
    // The runner's server counts the requests.
    healthCheck: false,
    codec: codecOf(request),
    compression: packingOf(request),
    compressMinBytes: 0,
    ...(messageReceiveLimit > 0 && { maxReceiveMessageBytes: messageReceiveLimit }),
    ...(tls !== undefined && { tls }),
  });
}

function connectHttp(request: ClientCompatRequest): HttpClient {
  const { messageReceiveLimit } = request;
  const tls = tlsOf(request);
  const options: HttpClientOptions = {
    endpoint: endpointOf(request),
    protocol: request.protocol === Protocol.GRPC_WEB ? "grpc-web" : "connect",
    http: request.httpVersion === HTTPVersion.HTTP_VERSION_2 ? "2" : "1.1",
    timeoutMs: 0,
    codec: codecOf(request),
    compression: request.compression === Compression.BR ? "br" : packingOf(request),
    compressMinBytes: 0,
    connectGet: request.useGetHttpMethod,
    ...(messageReceiveLimit > 0 && { maxResponseBytes: messageReceiveLimit }),
    ...(tls !== undefined && { tls }),
  };
  return new HttpClient(options);
}

function packingOf({ compression }: ClientCompatRequest): Packing {
  const packing = packings.get(compression);
  if (packing === undefined) throw new Error(`no compression ${compression}`);
  return packing;
}

function codecOf({ codec }: ClientCompatRequest): typeof json {
  return codec === Codec.JSON ? json : proto;
}

function endpointOf({ host, port }: ClientCompatRequest): string {
  return `direct:///${host}:${port}`;
}

function tlsOf({
  serverTlsCert,
  clientTlsCreds,
}: ClientCompatRequest): ConnectionOptions | undefined {
  if (serverTlsCert.length === 0) return undefined;
  const ca = Buffer.from(serverTlsCert);
  if (clientTlsCreds === undefined) return { ca };
  return { ca, cert: Buffer.from(clientTlsCreds.cert), key: Buffer.from(clientTlsCreds.key) };
}
