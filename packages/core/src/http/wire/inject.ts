import { type IncomingMessage, request as sendRequest, type Server as NodeServer } from "node:http";
import { duplexPair } from "./memory-duplex.ts";

/** A request for `inject`. */
export interface InjectedRequest {
  /** @default {"GET"} */
  readonly method?: string;
  /** Path and query. */
  readonly path: string;
  /** @default {{}} */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Bytes or text are sent as they are, anything else as JSON with its Content-Type. @default none */
  readonly body?: unknown;
  /** Ends the request as if the peer had left. @default none */
  readonly signal?: AbortSignal;
}

/** The answer to an injected request. */
export interface InjectedReply {
  readonly status: number;
  /** Names in lower case; several lines of a name are joined by ", ", those of set-cookie by a line break. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  text(): string;
  json(): unknown;
}

/** Sends a request to a server through memory: the parser, the limits and the router are those of a socket. */
export function inject(server: NodeServer, request: InjectedRequest): Promise<InjectedReply> {
  const { headers, body } = withBody(request);
  return new Promise((resolve, reject) => {
    const outgoing = sendRequest({
      method: request.method ?? "GET",
      path: request.path,
      headers: { connection: "close", host: "inject", ...headers },
      ...(request.signal && { signal: request.signal }),
      createConnection: () => {
        const [client, served] = duplexPair();
        // Behind TLS a server takes connections that are deciphered already.
        server.emit("setSecureContext" in server ? "secureConnection" : "connection", served);
        return client;
      },
    });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => void collect(response).then(resolve, reject));
    outgoing.end(body);
  });
}

function withBody(request: InjectedRequest): {
  readonly headers: Record<string, string | string[]>;
  readonly body: string | Uint8Array | undefined;
} {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    headers[name.toLowerCase()] = typeof value === "string" ? value : [...value];
  }
  const { body } = request;
  if (body === undefined) return { headers, body };
  const plain = typeof body === "string" || body instanceof Uint8Array;
  const bytes = plain ? body : JSON.stringify(body);
  if (!plain) headers["content-type"] ??= "application/json";
  headers["content-length"] ??= String(Buffer.byteLength(bytes));
  return { headers, body: bytes };
}

async function collect(response: IncomingMessage): Promise<InjectedReply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer); // no encoding is set: chunks are Buffers
  const body = Buffer.concat(chunks);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join("\n");
  }
  return {
    status: response.statusCode ?? 0,
    headers,
    body,
    text: () => body.toString(),
    json: () => JSON.parse(body.toString()) as unknown,
  };
}
