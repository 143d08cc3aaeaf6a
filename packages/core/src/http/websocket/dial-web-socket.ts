import type { ClientRequest, IncomingMessage } from "node:http";
import { connect as connectSocket } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { type ClientOptions, WebSocket } from "ws";
import { gatewayTimeout } from "../../errors/index.ts";
import { HeaderMap } from "../../transport/index.ts";

/** Where and how to open a WebSocket. */
export interface DialOptions {
  readonly scheme: string;
  /** "host:port", or "unix:/path" */
  readonly address: string;
  /** The path, and the query where there is one. */
  readonly path: string;
  readonly header: HeaderMap;
  readonly tls: ConnectionOptions | undefined;
  readonly handshakeTimeoutMs: number;
  readonly maxMessageBytes: number;
}

/** What came of it: an open WebSocket, or the answer of a server that refused. */
export type Dialed =
  | {
      readonly kind: "open";
      readonly socket: WebSocket;
      readonly wire: Duplex;
      readonly header: HeaderMap;
    }
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly header: HeaderMap;
      readonly body: Uint8Array;
    };

/** A WebSocket that is being opened. */
export interface Dialing {
  /** Whether a connection has been made. */
  readonly isReached: boolean;
  readonly outcome: Promise<Dialed>;
  /** Gives up. */
  abort(reason: unknown): void;
}

const maxRefusalBytes = 64 * 1024;
const closeTimeoutMs = 5000;

/** Opens a WebSocket. The outcome rejects without an answer. */
export function dialWebSocket(options: DialOptions): Dialing {
  let isReached = false;
  const settings = settingsOf(options, () => (isReached = true));
  const socket = new WebSocket(urlOf(options), subprotocols(options.header), settings);
  let abort = (_reason: unknown): void => {};
  const outcome = new Promise<Dialed>((resolve, reject) => {
    let opened: { readonly wire: Duplex; readonly header: HeaderMap } | undefined;
    socket.on("error", (error) => reject(dialError(error, options)));
    socket.on("upgrade", (response) => {
      opened = { wire: response.socket, header: headerOf(response) };
    });
    socket.on("open", () => {
      // Messages may have come along: they wait for who reads them.
      socket.pause();
      if (opened !== undefined) resolve({ kind: "open", socket, ...opened });
    });
    socket.on("unexpected-response", (_request, response) => {
      collect(response, options.handshakeTimeoutMs)
        .then((body) => ({ status: response.statusCode ?? 0, header: headerOf(response), body }))
        .then((answer) => resolve({ kind: "refused", ...answer }), reject)
        .finally(() => socket.terminate());
    });
    abort = (reason) => {
      reject(reason);
      socket.terminate();
    };
  });
  outcome.catch(ignore);
  return {
    get isReached() {
      return isReached;
    },
    outcome,
    abort: (reason) => abort(reason),
  };
}

function urlOf({ scheme, address, path }: DialOptions): string {
  const host = address.startsWith("unix:") ? "localhost" : address;
  return `${scheme === "https" ? "wss" : "ws"}://${host}${path}`;
}

function settingsOf(options: DialOptions, onReached: () => void): ClientOptions {
  const { address, scheme, tls, handshakeTimeoutMs, maxMessageBytes, header } = options;
  const unixPath = address.startsWith("unix:") ? address.slice("unix:".length) : undefined;
  const event = scheme === "https" ? "secureConnect" : "connect";
  const settings = {
    ...(scheme === "https" ? (tls as object) : undefined), // ws hands them on to node, whose types differ from its own
    headers: headersOf(header),
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    followRedirects: false,
    closeTimeout: closeTimeoutMs,
    ...(handshakeTimeoutMs > 0 && { handshakeTimeout: handshakeTimeoutMs }),
    ...(unixPath !== undefined && {
      createConnection: () =>
        scheme === "https" ? connectTls({ ...tls, path: unixPath }) : connectSocket(unixPath),
    }),
    finishRequest: (request: ClientRequest) => {
      request.on("socket", (connection) => connection.once(event, onReached));
      request.end();
    },
  };
  return settings;
}

const protocolName = "sec-websocket-protocol";

/** ws only takes an answer to what it has asked for itself. */
function subprotocols(header: HeaderMap): string[] {
  const names = header.values(protocolName).flatMap((line) => line.split(","));
  return names.map((name) => name.trim()).filter((name) => name !== "");
}

function headersOf(header: HeaderMap): Record<string, string> {
  const entries = [...header.entries()].filter(([name]) => name !== protocolName);
  return Object.fromEntries(entries.map(([name, values]) => [name, values.join(", ")]));
}

function headerOf({ rawHeaders }: IncomingMessage): HeaderMap {
  const header = new HeaderMap();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    header.add(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  }
  return header;
}

/** As much of a refusal as an error takes. */
async function collect(response: IncomingMessage, timeoutMs: number): Promise<Uint8Array> {
  if (timeoutMs > 0) response.setTimeout(timeoutMs, () => response.destroy());
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer); // no encoding is set: chunks are Buffers
    size += (chunk as Buffer).length;
    if (size > maxRefusalBytes) break;
  }
  return Buffer.concat(chunks);
}

function dialError(error: Error, { handshakeTimeoutMs }: DialOptions): Error {
  if (error.message !== "Opening handshake has timed out") return error;
  return gatewayTimeout("", `no WebSocket within ${handshakeTimeoutMs} ms`, { cause: error });
}

function ignore(): void {
  // whoever gave up does not wait for the outcome
}
