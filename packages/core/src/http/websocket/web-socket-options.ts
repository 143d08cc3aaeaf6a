/** How a server treats WebSockets. Zero turns a time limit off. */
export interface WebSocketOptions {
  /** Origins whose pages may open one besides pages of this host: `https://app.example.com`, or `*` for all. @default {[]} */
  readonly origins?: readonly string[];
  /** The largest message; a larger one closes with 1009. @default {4194304} */
  readonly maxMessageBytes?: number;
  /** Milliseconds between pings. @default {30000} */
  readonly pingIntervalMs?: number;
  /** Milliseconds without a word of the peer, not even a pong, until it counts as gone. @default {120000} */
  readonly idleTimeoutMs?: number;
  /** Milliseconds for the middlewares and the method to take or refuse the stream; then the answer is 504. @default {10000} */
  readonly handshakeTimeoutMs?: number;
  /** Subprotocols to agree to; the first of the peer's that is listed is taken. @default {[]} */
  readonly subprotocols?: readonly string[];
  /** Whether messages may be compressed, which takes memory and time for each connection. @default {false} */
  readonly perMessageDeflate?: boolean;
}

/** What stands for options that are not given. */
export const webSocketDefaults: Required<WebSocketOptions> = {
  origins: [],
  maxMessageBytes: 4 * 1024 * 1024,
  pingIntervalMs: 30_000,
  idleTimeoutMs: 120_000,
  handshakeTimeoutMs: 10_000,
  subprotocols: [],
  perMessageDeflate: false,
};

/**
 * Completes and checks the settings.
 * @throws {TypeError} If an origin is none.
 */
export function webSocketSettings(options: WebSocketOptions = {}): Required<WebSocketOptions> {
  const settings = { ...webSocketDefaults, ...options };
  return { ...settings, origins: settings.origins.map(normalOrigin) };
}

function normalOrigin(text: string): string {
  if (text === "*") return text;
  const origin = URL.canParse(text) ? new URL(text).origin : "null";
  if (origin !== "null") return origin;
  throw new TypeError(
    `Cannot serve WebSockets as "origins" must be origins or "*": current value is ${JSON.stringify(text)}`,
  );
}
