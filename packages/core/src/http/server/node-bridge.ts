import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request as sendRequest,
  type Server as NodeServer,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import { badRequest, messageOf } from "../../errors/index.ts";
import type { Exchange } from "../wire/exchange.ts";
import { isFraming } from "../wire/framing.ts";
import { linePairs } from "../wire/header-lines.ts";
import { duplexPair } from "../wire/memory-duplex.ts";

/** Gets the messages of node:http. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => void;

/** The head was looked at by the wire it came on; that of an answer is the handler's own. */
const largestHeadBytes = 1_048_576;

/**
 * Shows exchanges of other wires to handlers of node:http: each is repeated as HTTP/1.1 on a connection in
 * memory, and what comes back is the answer.
 */
export class NodeBridge {
  readonly #server: NodeServer;
  readonly #listeners: WeakMap<Duplex, NodeListener> = new WeakMap();

  constructor() {
    const options = { maxHeaderSize: largestHeadBytes, requestTimeout: 0, headersTimeout: 0 };
    this.#server = createServer(options, (request, response) => {
      this.#listeners.get(request.socket)?.(request, response);
    });
    this.#server.maxHeadersCount = 0; // node would leave out those after the thousandth
  }

  /**
   * Lets a listener answer the exchange. Resolves when it is answered or its peer has left; rejects when the
   * listener's answer is none.
   */
  async run(exchange: Exchange, listener: NodeListener): Promise<void> {
    const outgoing = this.#request(exchange, listener);
    exchange.onClose(() => outgoing.destroy());
    const failures: unknown[] = [];
    sendBody(exchange, outgoing).catch((error: unknown) => {
      failures.push(error);
      outgoing.destroy();
    });
    const response = await responseOf(outgoing);
    if (response !== undefined) return answer(exchange, response);
    if (failures.length > 0) throw failures[0];
    if (!exchange.answered) exchange.destroy();
  }

  /** @throws {KratosError} 400 when the request cannot be told in HTTP/1.1. */
  #request(exchange: Exchange, listener: NodeListener): ClientRequest {
    const { method, target: path } = exchange;
    try {
      return sendRequest({
        method,
        path,
        headers: headersOf(exchange),
        maxHeaderSize: largestHeadBytes,
        createConnection: () => this.#connect(exchange, listener),
      });
    } catch (error) {
      throw badRequest("HTTP_VERSION", messageOf(error), { cause: error });
    }
  }

  #connect(exchange: Exchange, listener: NodeListener): Duplex {
    const [client, served] = duplexPair();
    // What handlers ask a socket for.
    Object.defineProperty(served, "remoteAddress", { value: exchange.peerAddress });
    if (exchange.secure) Object.defineProperty(served, "encrypted", { value: true });
    this.#listeners.set(served, listener);
    this.#server.emit("connection", served);
    return client;
  }
}

function headersOf(exchange: Exchange): string[] {
  const headers = ["connection", "close"];
  let sized = !exchange.hasBody;
  for (const [name, value] of linePairs(exchange.rawHeaders)) {
    if (name === "content-length") sized = true;
    else if (isFraming(name) || name === "expect") continue;
    headers.push(name, value);
  }
  if (!sized) headers.push("transfer-encoding", "chunked");
  return headers;
}

/** Undefined when the connection ends without a response, as it does when the peer has left. */
function responseOf(outgoing: ClientRequest): Promise<IncomingMessage | undefined> {
  return new Promise((resolve) => {
    outgoing.on("response", resolve);
    outgoing.on("error", () => resolve(undefined));
    outgoing.on("close", () => resolve(undefined));
  });
}

async function sendBody(exchange: Exchange, outgoing: ClientRequest): Promise<void> {
  if (!exchange.hasBody) {
    outgoing.end();
    return;
  }
  // The handler may answer before any of the body comes.
  outgoing.flushHeaders();
  for await (const part of exchange.body()) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(part)) await writable(outgoing);
  }
  outgoing.end();
}

/** Resolves when more can be written, or nothing any more. */
function writable(outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off("drain", settle);
      outgoing.off("close", settle);
      resolve();
    };
    outgoing.on("drain", settle);
    outgoing.on("close", settle);
  });
}

async function answer(exchange: Exchange, response: IncomingMessage): Promise<void> {
  const headers: string[] = [];
  for (const [name, value] of linePairs(response.rawHeaders)) {
    if (!isFraming(name) || name.toLowerCase() === "content-length") headers.push(name, value);
  }
  exchange.begin({ status: response.statusCode ?? 500, headers });
  try {
    for await (const part of response) {
      if (exchange.closed) return;
      if (!exchange.write(part as Buffer)) await exchange.drained(); // no encoding is set: parts are Buffers
    }
  } catch {
    // Half an answer must not look like a whole one.
    return exchange.destroy();
  }
  exchange.end();
}
