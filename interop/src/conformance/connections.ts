import type { ConnectionOptions } from "node:tls";
import { GrpcClient, type GrpcClientOptions } from "@kratosjs/core/grpc";
import type { ClientCompatRequest } from "../gen/connectrpc/conformance/v1/client_compat_pb.ts";
import { Codec, Compression } from "../gen/connectrpc/conformance/v1/config_pb.ts";
import { json, proto } from "./codecs.ts";

const compressions: ReadonlyMap<Compression, GrpcClientOptions["compression"]> = new Map([
  [Compression.IDENTITY, "identity"],
  [Compression.GZIP, "gzip"],
  [Compression.DEFLATE, "deflate"],
]);

/** The clients of a run: calls that ask for the same settings share one. */
export class Connections {
  readonly #clients: Map<string, GrpcClient> = new Map();

  /** @throws {Error} If the settings are not claimed. */
  for(request: ClientCompatRequest): GrpcClient {
    const { codec, compression, host, port, messageReceiveLimit } = request;
    const withCerts = request.clientTlsCreds !== undefined;
    const key = JSON.stringify([host, port, codec, compression, messageReceiveLimit, withCerts]);
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const client = connect(request);
    this.#clients.set(key, client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }
}

function connect(request: ClientCompatRequest): GrpcClient {
  const { host, port, messageReceiveLimit } = request;
  const compression = compressions.get(request.compression);
  if (compression === undefined) throw new Error(`no compression ${request.compression}`);
  const tls = tlsOf(request);
  return new GrpcClient({
    endpoint: `direct:///${host}:${port}`,
    timeoutMs: 0,
    // The runner's server counts the requests.
    healthCheck: false,
    codec: request.codec === Codec.JSON ? json : proto,
    compression,
    compressMinBytes: 0,
    ...(messageReceiveLimit > 0 && { maxReceiveMessageBytes: messageReceiveLimit }),
    ...(tls !== undefined && { tls }),
  });
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
