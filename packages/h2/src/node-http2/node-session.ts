import type { ClientHttp2Session, ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type {
  ClientSession,
  OutgoingHeaders,
  SessionCounters,
  Stream,
  StreamListener,
} from "../contract.ts";
import { errorCodes } from "../error-codes.ts";
import { H2Error, type H2ErrorOptions } from "../h2-error.ts";
import { SessionClock, type Timed } from "../session/session-clock.ts";
import { newCounters } from "../session/session-counters.ts";
import type { SessionConfig } from "../session/session-defaults.ts";
import { fieldObject } from "./field-object.ts";
import { NodeStream } from "./node-stream.ts";

/** One connection of node:http2 in the terms of the contract, either side. */
export class NodeSession implements ClientSession, Timed {
  readonly socket: Duplex;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly encrypted: boolean;
  readonly closed: Promise<H2Error | undefined>;
  readonly windowBytes: number;
  readonly counted: SessionCounters = newCounters();
  readonly clock: SessionClock;
  maxConcurrentStreams: number = Infinity;
  onUnavailable?: () => void;
  onAvailable?: () => void;
  // What node:http2 does not tell the clock; output that stalls is the affair of each stream.
  readonly assembling: boolean = false;
  readonly assemblySinceMs: number = Infinity;
  readonly partialHeaders: number = -1;
  readonly pendingBytes: number = 0;
  readonly progress: number = 0;
  readonly #node: ClientHttp2Session | ServerHttp2Session;
  readonly #config: SessionConfig;
  readonly #streams: Set<NodeStream> = new Set();
  #goneAbove: number = Infinity;
  #error: H2Error | undefined;
  #closing = false;

  constructor(
    node: ClientHttp2Session | ServerHttp2Session,
    socket: Duplex,
    config: SessionConfig,
  ) {
    const peer = socket as Partial<Socket>; // a Duplex need not be a Socket
    this.#node = node;
    this.#config = config;
    this.socket = socket;
    this.remoteAddress = peer.remoteAddress;
    this.remotePort = peer.remotePort;
    this.localAddress = peer.localAddress;
    this.localPort = peer.localPort;
    this.encrypted = "encrypted" in socket;
    this.windowBytes = config.initialWindowBytes;
    this.clock = new SessionClock(this, config, { ping: (payload) => this.#sendPing(payload) });
    this.closed = new Promise((resolve) => node.once("close", () => resolve(this.#gone())));
    node.setLocalWindowSize(config.connectionWindowBytes);
    this.#listen(node);
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  get available(): boolean {
    const { closed, destroyed } = this.#node;
    return !this.#closing && !closed && !destroyed && this.openStreams < this.maxConcurrentStreams;
  }

  get sawPreface(): boolean {
    return this.counted.settingsReceived > 0;
  }

  get counters(): Readonly<SessionCounters> {
    const { bytesRead = 0, bytesWritten = 0 } = this.socket as Partial<Socket>; // likewise
    const { keepalivesSent } = this.clock;
    return Object.assign(this.counted, { bytesRead, bytesWritten, keepalivesSent });
  }

  request(
    headers: OutgoingHeaders,
    listener: StreamListener,
    { body, endStream }: { readonly body?: Uint8Array; readonly endStream: boolean },
  ): Stream {
    if (!this.available || !("request" in this.#node)) {
      throw new H2Error("Cannot open a stream as the session takes no more", {
        code: errorCodes.refusedStream,
        scope: "stream",
        section: "RFC 9113 section 5.1.2",
        unprocessed: true,
      });
    }
    const bare = endStream && body === undefined;
    const options = { endStream: bare, waitForTrailers: !bare };
    const stream = this.add(this.#node.request(fieldObject(headers), options), bare);
    stream.listener = listener;
    if (bare || body !== undefined) stream.write(body ?? new Uint8Array(0), endStream);
    return stream;
  }

  ping(): Promise<number> {
    return this.clock.ping();
  }

  /** A server's GOAWAY that takes all and a round trip come first, so that nothing under way is turned away. */
  async close(signal?: AbortSignal): Promise<void> {
    const cut = (): void => this.destroy(errorCodes.noError, "session closed by force");
    if (signal?.aborted === true) cut();
    signal?.addEventListener("abort", cut, { once: true });
    const first = !this.#closing && !this.#node.destroyed;
    this.#closing = true;
    this.#retire();
    if (first && this.openStreams > 0 && this.#config.server) {
      this.#node.goaway(errorCodes.noError, 0x7fff_ffff);
      await this.ping().catch(() => undefined);
    }
    // A client's GOAWAY would overtake the requests it has just written: it goes with the last stream.
    if (first && (this.openStreams === 0 || this.#config.server)) this.#node.close();
    await this.closed;
    signal?.removeEventListener("abort", cut);
  }

  destroy(code: number = errorCodes.noError, reason = "session destroyed"): void {
    if (this.#node.destroyed) return;
    const error = connectionFault(reason, { code });
    if (code !== errorCodes.noError) this.#error = error;
    this.#node.goaway(code, 0, Buffer.from(reason));
    for (const stream of this.#streams) stream.abort(error);
    this.#node.destroy(undefined, code);
  }

  /** Takes on a stream that the peer or this side has opened. */
  add(node: NodeStream["node"], bare = false): NodeStream {
    const stream = new NodeStream(node, this, bare);
    const { server, writeTimeoutMs } = this.#config;
    const stalled = (): void => {
      if (node.writableEnded && node.writableLength > 0) stream.reset(errorCodes.enhanceYourCalm);
    };
    if (server) node.setTimeout(writeTimeoutMs, stalled);
    this.#streams.add(stream);
    this.counted.streamsOpened += 1;
    return stream;
  }

  /** The stream is over on the wire. */
  remove(stream: NodeStream): void {
    this.#whenRoom(() => this.#streams.delete(stream));
    // nghttp2 reads no more after its GOAWAY and the last stream: no PING would be answered.
    if (this.#closing && this.openStreams === 0) this.#node.close();
    if (stream.closed) return;
    const code = stream.node.rstCode ?? errorCodes.noError;
    const unprocessed = code === errorCodes.refusedStream || stream.id > this.#goneAbove;
    const lost = this.#node.destroyed && !unprocessed;
    if (lost) this.#error ??= this.#lost();
    else this.counted.resetsReceived += 1;
    stream.abort((lost ? this.#error : undefined) ?? this.streamFault(code, stream.id, true));
  }

  streamFault(code: number, id: number, remote: boolean): H2Error {
    const refused = code === errorCodes.refusedStream || id > this.#goneAbove;
    return new H2Error(`stream reset by ${remote ? "the peer" : "this side"} with code ${code}`, {
      code,
      scope: "stream",
      section: "RFC 9113 section 6.4",
      remote,
      unprocessed: remote && !this.#config.server && refused,
    });
  }

  resetStalled(): void {}

  #listen(node: ClientHttp2Session | ServerHttp2Session): void {
    node.on("ping", () => this.#onPing());
    node.on("localSettings", () => this.clock.onSettingsAck());
    node.on("remoteSettings", ({ maxConcurrentStreams = Infinity }) => {
      this.counted.settingsReceived += 1;
      this.#whenRoom(() => (this.maxConcurrentStreams = maxConcurrentStreams));
    });
    node.on("goaway", (_code, lastId) => {
      this.#goneAbove = lastId;
      this.#retire();
    });
    node.on("error", (error) => (this.#error ??= this.#lost(error)));
  }

  #onPing(): void {
    this.counted.pingsReceived += 1;
    this.clock.onBytes();
    try {
      this.clock.onPing();
    } catch (error) {
      if (error instanceof H2Error) this.destroy(error.code, error.message);
    }
  }

  #sendPing(payload: Uint8Array): void {
    const answered = (error: Error | null, _tookMs: number, echo: Buffer): void => {
      if (error !== null) return;
      this.clock.onBytes();
      this.clock.onPong(echo.readUInt32BE(4));
    };
    if (!this.#node.destroyed) this.#node.ping(payload, answered);
  }

  #whenRoom(change: () => void): void {
    const before = this.available;
    change();
    if (!before && this.available) this.onAvailable?.();
  }

  #retire(): void {
    const tell = this.onUnavailable;
    delete this.onUnavailable;
    tell?.();
  }

  #gone(): H2Error | undefined {
    this.#retire();
    for (const stream of this.#streams) this.remove(stream);
    this.clock.stop(this.#error ?? this.#lost());
    return this.#error;
  }

  #lost(cause?: Error): H2Error {
    const message = `connection lost${cause === undefined ? "" : `: ${cause.message}`}`;
    return connectionFault(message, { code: errorCodes.internalError, remote: true, cause });
  }
}

function connectionFault(
  message: string,
  options: Pick<H2ErrorOptions, "code" | "remote" | "cause">,
): H2Error {
  return new H2Error(message, { ...options, scope: "connection", section: "RFC 9113 section 9.1" });
}
