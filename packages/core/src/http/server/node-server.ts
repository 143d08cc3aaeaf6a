import { createServer, type RequestListener, type Server as NodeServer } from "node:http";
import { WholeResponse } from "../wire/whole-response.ts";

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
    ServerResponse: WholeResponse,
    // Node refuses a head that may take longer than the whole request.
    headersTimeout:
      requestTimeoutMs > 0 ? Math.min(headersTimeoutMs, requestTimeoutMs) : headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: maxHeaderBytes,
    connectionsCheckingInterval: Math.min(Math.max(shortest / 4, 50), 5000),
  };
  const server = createServer(options, (request, response) => {
    if (!hasTwoHosts(request.rawHeaders)) return listener(request, response);
    // RFC 9112 section 3.2; node takes the first, a proxy before it may have gone by the last.
    response.writeHead(400, { connection: "close" }).end();
  });
  // Node leaves out those after the thousandth without a word, also what a proxy has put at the end.
  server.maxHeadersCount = 0;
  // It has to watch the times of its connections as if it listened.
  server.emit("listening");
  return server;
}

function hasTwoHosts(raw: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts += 1;
  }
  return hosts > 1;
}
