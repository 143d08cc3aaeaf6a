import { createServer, type RequestListener, type Server as NodeServer } from "node:http";

/** The times and sizes that node:http keeps to. Zero turns a time off. */
export interface NodeServerLimits {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly maxHeaderBytes: number;
}

/** Makes a server of HTTP/1.1 that never listens itself: it is handed its connections. */
export function createNodeServer(limits: NodeServerLimits, listener: RequestListener): NodeServer {
  const { headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs, maxHeaderBytes } = limits;
  const shortest = Math.min(headersTimeoutMs || Infinity, requestTimeoutMs || Infinity);
  const options = {
    // Node refuses a head that may take longer than the whole request.
    headersTimeout:
      requestTimeoutMs > 0 ? Math.min(headersTimeoutMs, requestTimeoutMs) : headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: maxHeaderBytes,
    connectionsCheckingInterval: Math.min(Math.max(shortest / 4, 50), 5000),
  };
  const server = createServer(options, listener);
  // It has to watch the times of its connections as if it listened.
  server.emit("listening");
  return server;
}
