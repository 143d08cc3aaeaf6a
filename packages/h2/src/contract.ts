/**
 * What an HTTP/2 engine is to the rest of Kratos. `engine()` of this package fulfils it on plain
 * sockets; an adapter over node:http2 can fulfil it too. Nothing here knows gRPC or REST.
 *
 * The style is callbacks on one object a stream, not Node streams: a unary call must cost no stream
 * object, no EventEmitter and no promise of the engine's.
 */
import type { Duplex } from "node:stream";
import type { H2Error } from "./h2-error.ts";

/**
 * A decoded header block: names (lower-case, pseudo-headers first) and values by turns, in the order
 * of arrival, several values of a name kept apart.
 *
 * Frozen, and handed out again whenever the peer repeats the block: an edge may keep what it parsed
 * from it in `parsed` and find it there the next time.
 */
export interface HeaderBlock {
  readonly fields: readonly string[];
  /** Free for the edge that receives the block; undefined the first time. */
  parsed: unknown;
}

/** A header block encoded once and sent many times; made by `encodeHeaders`. */
export interface EncodedHeaders {
  readonly bytes: Uint8Array;
  /** The names and values that `bytes` stand for. */
  readonly fields: readonly string[];
}

/** Headers to send: encoded ahead of time, or names and values by turns. */
export type OutgoingHeaders = EncodedHeaders | readonly string[];

/** What an edge hands the engine for each stream: its ears. Callbacks must not throw. */
export interface StreamListener {
  /** Client only: a header block of the response (1xx included; the last before data is the final one). */
  onHeaders?(headers: HeaderBlock, endStream: boolean): void;
  /**
   * A piece of the body. The bytes are valid until this returns: copy what is kept. The peer may send
   * as much again only after `stream.consume(bytes)`.
   */
  onData(chunk: Uint8Array): void;
  /** The peer has finished its half; trailers when it sent some. */
  onEnd(trailers: HeaderBlock | undefined): void;
  /** The peer's window has room again after `write` answered false. */
  onDrain(): void;
  /**
   * The stream is over before both halves ended: reset by either side, connection lost, forced stop.
   * Called at most once; nothing is called after it.
   */
  onAbort(error: H2Error): void;
}

/** One stream, either side. All calls after the end are ignored. */
export interface Stream {
  readonly id: number;
  readonly session: Session;
  /** True once both halves are done, or the stream was reset. */
  readonly closed: boolean;
  /** Sends a header block: the response (server) or trailers with `endStream`. */
  sendHeaders(headers: OutgoingHeaders, endStream: boolean): void;
  /**
   * Sends a piece of the body; the bytes belong to the engine until they are on the wire. Answers
   * false when they wait for the peer's window or for the socket: write on after `onDrain`.
   */
  write(chunk: Uint8Array, endStream: boolean): boolean;
  /**
   * The short path of a whole answer: HEADERS, one body and trailers, queued as one piece of output.
   * Falls back to the window rules by itself when the body does not fit.
   */
  // ceiling: the three parts of an answer, all required, on the hot path
  respond(headers: OutgoingHeaders, body: Uint8Array, trailers: OutgoingHeaders | undefined): void;
  /** Gives the peer back window for bytes of `onData` that are dealt with. */
  consume(bytes: number): void;
  /** Ends the stream at once with an RFC 9113 section 7 error code. */
  reset(code: number): void;
}

/** One connection, either side. */
export interface Session {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  /** True over TLS. */
  readonly encrypted: boolean;
  /** The socket itself, for the peer certificate and the like. */
  readonly socket: Duplex;
  /** Streams open now. */
  readonly openStreams: number;
  readonly counters: Readonly<SessionCounters>;
  /**
   * Why this side reset a stream of the peer's last: the rule that was broken, and where it stands.
   * RST_STREAM has no room for words. Engines that do not know leave it out.
   */
  readonly lastFault?: H2Error | undefined;
  /** Sends a PING; resolves with the round trip in milliseconds. */
  ping(): Promise<number>;
  /**
   * Graceful end: GOAWAY with the highest id, a round trip, GOAWAY with the last id; then waits for
   * the open streams and closes the socket. When `signal` aborts, cuts instead. Resolves when closed.
   */
  close(signal?: AbortSignal): Promise<void>;
  /** Cuts at once: every stream aborts with the error, GOAWAY carries the code. */
  destroy(code?: number, reason?: string): void;
  /** Settles when the socket is gone, with the error that ended the session if one did. */
  readonly closed: Promise<H2Error | undefined>;
}

/** What a session refused or counted, for consoles and tests. */
export interface SessionCounters {
  streamsOpened: number;
  streamsRefused: number;
  /** Streams that were reset as the peer broke a rule. */
  streamsFailed: number;
  resetsReceived: number;
  resetsSent: number;
  pingsReceived: number;
  /** PINGs sent as the peer was silent for `keepaliveIntervalMs`. */
  keepalivesSent: number;
  settingsReceived: number;
  bytesRead: number;
  bytesWritten: number;
}

/** The server's decision on a new stream: the ears that get its body. */
export type StreamAcceptor = (
  stream: Stream,
  headers: HeaderBlock,
  endStream: boolean,
) => StreamListener;

/** The client's side of a session. */
export interface ClientSession extends Session {
  /** True when a further stream may be opened now: not closing, and below the peer's limit. */
  readonly available: boolean;
  /** The peer's SETTINGS_MAX_CONCURRENT_STREAMS, Infinity until it said. */
  readonly maxConcurrentStreams: number;
  /**
   * Opens a stream. With `body` and `endStream` a whole unary request is one piece of output.
   * @throws {H2Error} REFUSED_STREAM, unprocessed, unless the session is `available`.
   */
  request(
    headers: OutgoingHeaders,
    listener: StreamListener,
    options: { readonly body?: Uint8Array; readonly endStream: boolean },
  ): Stream;
  /** Called when the session can take no more streams (GOAWAY, closing), once. */
  onUnavailable?: () => void;
  /** Called when the session has room again after `available` was false for the peer's limit. */
  onAvailable?: () => void;
}

export interface SessionOptions {
  /** Streams the peer may have open at a time. @default {1024} for servers, 0 for clients (no push) */
  readonly maxConcurrentStreams?: number;
  /** Bytes the peer may send ahead on one stream. @default {1048576} */
  readonly initialWindowBytes?: number;
  /** Bytes the peer may send ahead on the whole connection. @default {4194304} */
  readonly connectionWindowBytes?: number;
  /** Longest frame payload accepted, 16384 to 16777215. @default {16384} */
  readonly maxFrameBytes?: number;
  /** Size of a header list accepted, counted as in RFC 9113 section 6.5.2. @default {65536} */
  readonly maxHeaderListBytes?: number;
  /** HPACK dynamic table offered to the peer's encoder. @default {4096} */
  readonly headerTableBytes?: number;
  /** Milliseconds without any frame before a PING; 0 is never. @default {0} */
  readonly keepaliveIntervalMs?: number;
  /** Milliseconds a keepalive PING may stay unanswered before the session is cut. @default {20000} */
  readonly keepaliveTimeoutMs?: number;
}

/** Makes sessions out of sockets that are connected (and, for TLS, have agreed on h2). */
export interface Engine {
  readonly name: string;
  accept(socket: Duplex, acceptor: StreamAcceptor, options?: ServerSessionOptions): Session;
  connect(socket: Duplex, options?: SessionOptions): ClientSession;
}

export interface ServerSessionOptions extends SessionOptions {
  /** Milliseconds for the preface and the first SETTINGS. @default {10000} */
  readonly prefaceTimeoutMs?: number;
  /**
   * Milliseconds from the first byte of a header block to its end. This package's own engine only:
   * node:http2 tells nothing of a block before its end. @default {10000}
   */
  readonly headersTimeoutMs?: number;
  /** Milliseconds without an open stream before a graceful close; 0 is never. @default {0} */
  readonly idleTimeoutMs?: number;
  /** Milliseconds a connection lives before a graceful close, give or take 10 %; 0 is for ever. @default {0} */
  readonly maxConnectionAgeMs?: number;
  /** Milliseconds granted to open streams after `maxConnectionAgeMs`; 0 is unlimited. @default {0} */
  readonly maxConnectionAgeGraceMs?: number;
  /** Least milliseconds between a client's keepalive PINGs before ENHANCE_YOUR_CALM. @default {10000} */
  readonly minPingIntervalMs?: number;
  /** Milliseconds pending output may make no progress before the session is cut. @default {30000} */
  readonly writeTimeoutMs?: number;
}
