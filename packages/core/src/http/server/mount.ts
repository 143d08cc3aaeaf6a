import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context } from "../../context/index.ts";
import { badRequest, KratosError } from "../../errors/index.ts";
import type { Exchange, ExchangeHandler } from "../wire/exchange.ts";
import { linePairs } from "../wire/header-lines.ts";
import { NodeBridge, type NodeListener } from "./node-bridge.ts";
import { isFraming } from "../wire/framing.ts";
import { splitTarget } from "./request-path.ts";

/** A handler of node:http, Express or Connect. `next` answers 404, or the error it is given. */
export type NodeHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => unknown;

/** A handler of the fetch standard, such as Hono's `app.fetch`. */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

/** What can be mounted: a function of two or three parameters is taken for a node handler, of one for a fetch handler. */
export type MountHandler = NodeHandler | FetchHandler | { readonly fetch: FetchHandler };

/** Makes a raw handler of one of another framework. The path it sees is the whole one. */
export function mountRoute(handler: MountHandler): ExchangeHandler {
  if (typeof handler !== "function")
    return (exchange, ctx) => runFetch(handler.fetch, exchange, ctx);
  if (isNodeHandler(handler)) {
    const bridge = new NodeBridge();
    return (exchange) => runNode(handler, exchange, bridge);
  }
  return (exchange, ctx) => runFetch(handler, exchange, ctx);
}

function isNodeHandler(handler: NodeHandler | FetchHandler): handler is NodeHandler {
  return handler.length >= 2;
}

function runNode(handler: NodeHandler, exchange: Exchange, bridge: NodeBridge): Promise<void> {
  const { node } = exchange;
  return new Promise((resolve, reject) => {
    exchange.onClose(resolve);
    const next = (error?: unknown): void => reject(error ?? notMounted());
    const listener: NodeListener = (request, response) => {
      // What it throws and what it rejects with end alike.
      Promise.resolve()
        .then(() => handler(request, response, next))
        .catch(reject);
    };
    if (node === undefined) bridge.run(exchange, listener).catch(reject);
    else listener(node.request, node.response);
  });
}

async function runFetch(handler: FetchHandler, exchange: Exchange, ctx: Context): Promise<void> {
  const response = await handler(toRequest(exchange, ctx));
  const headers: string[] = [];
  for (const [name, value] of response.headers) {
    if (!isFraming(name)) headers.push(name, value);
  }
  if (response.body === null || exchange.method === "HEAD") {
    return exchange.reply({ status: response.status, headers });
  }
  exchange.begin({ status: response.status, headers });
  for await (const chunk of response.body) {
    if (!exchange.write(chunk)) await exchange.drained();
    if (exchange.closed) return; // leaving the loop cancels the body
  }
  exchange.end();
}

/** What the URLs of the fetch standard take for a slash or for a step up, and the router does not. */
const ambiguous = /[\\\t\r\n]|\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** @throws {KratosError} 400 for a path that would be another one in a URL, perhaps outside of the prefix. */
function toRequest(exchange: Exchange, ctx: Context): Request {
  const { method } = exchange;
  if (ambiguous.test(splitTarget(exchange.target).path)) {
    throw badRequest("CODEC", "the path has a backslash or an escaped dot segment");
  }
  const scheme = exchange.secure ? "https" : "http";
  const host = exchange.host || "localhost";
  const base = URL.canParse(`${scheme}://${host}`)
    ? `${scheme}://${host}`
    : `${scheme}://localhost`;
  const headers = new Headers();
  for (const [name, value] of linePairs(exchange.rawHeaders)) headers.append(name, value);
  const hasBody = method !== "GET" && method !== "HEAD" && exchange.hasBody;
  return new Request(new URL(exchange.target, base), {
    method,
    headers,
    signal: ctx.signal,
    ...(hasBody && { body: ReadableStream.from(exchange.body()), duplex: "half" }),
  });
}

function notMounted(): KratosError {
  return new KratosError("the mounted handler has no such path", {
    code: 404,
    reason: "NOT_FOUND",
  });
}
