/** The server under test: the runner says on stdin how to listen and is told where on stdout. */
import { createCodecRegistry } from "@kratosjs/core/encoding";
import { GrpcServer } from "@kratosjs/core/grpc";
import { HttpServer } from "@kratosjs/core/http";
import { nopLogger, setDefaultLogger } from "@kratosjs/core/log";
import { Protocol } from "../gen/connectrpc/conformance/v1/config_pb.ts";
import {
  type ServerCompatRequest,
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from "../gen/connectrpc/conformance/v1/server_compat_pb.ts";
import { ConformanceService } from "../gen/connectrpc/conformance/v1/service_pb.ts";
import { chosenEngine } from "./chosen-engine.ts";
import { json, proto } from "./codecs.ts";
import { conformanceService } from "./conformance-service.ts";
import { readDelimited, writeDelimited } from "./delimited.ts";

const runner = process.ppid;
const lookMs = 1000;

setDefaultLogger(nopLogger);
// The runner ends us; should it be ended itself, nobody would.
setInterval(() => process.ppid === runner || process.exit(1), lookMs);
for await (const request of readDelimited(process.stdin, ServerCompatRequestSchema)) {
  const { port } = await serve(request);
  writeDelimited(ServerCompatResponseSchema, {
    host: "127.0.0.1",
    port: Number(port),
    pemCert: request.serverCreds?.cert ?? new Uint8Array(),
  });
}

async function serve(request: ServerCompatRequest): Promise<URL> {
  const server = request.protocol === Protocol.GRPC ? grpcServer(request) : httpServer(request);
  server.register(ConformanceService, conformanceService);
  await server.start();
  return server.endpoint();
}

function grpcServer(request: ServerCompatRequest): GrpcServer {
  const tls = tlsOf(request);
  return new GrpcServer({
    address: "127.0.0.1:0",
    engine: chosenEngine(),
    timeoutMs: 0,
    compressMinBytes: 0,
    codecs: [proto, json],
    ...(request.messageReceiveLimit > 0 && { maxReceiveMessageBytes: request.messageReceiveLimit }),
    ...(tls !== undefined && { tls }),
  });
}

function httpServer(request: ServerCompatRequest): HttpServer {
  const tls = tlsOf(request);
  return new HttpServer({
    address: "127.0.0.1:0",
    timeoutMs: 0,
    codecs: createCodecRegistry([json, proto]),
    ...(request.messageReceiveLimit > 0 && { maxBodyBytes: request.messageReceiveLimit }),
    ...(tls !== undefined && { tls }),
  });
}

function tlsOf({ serverCreds, clientTlsCert }: ServerCompatRequest) {
  if (serverCreds === undefined) return undefined;
  const own = { cert: Buffer.from(serverCreds.cert), key: Buffer.from(serverCreds.key) };
  if (clientTlsCert.length === 0) return own;
  return { ...own, ca: Buffer.from(clientTlsCert), requestCert: true, rejectUnauthorized: true };
}
