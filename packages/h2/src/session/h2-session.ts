import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import type {
  ClientSession,
  HeaderBlock,
  OutgoingHeaders,
  SessionCounters,
  Stream,
  StreamListener,
} from "../contract.ts";
import { errorCodes } from "../error-codes.ts";
import { H2Error } from "../h2-error.ts";
import { Ending } from "./ending.ts";
import { internalError, noMoreStreams, passedOver, streamReset } from "./fault.ts";
import { max31 } from "./frame-types.ts";
import { H2Stream } from "./h2-stream.ts";
import { isHeadRequest } from "./header-rules.ts";
import type { SessionConfig } from "./session-defaults.ts";
import { SessionClock } from "./session-clock.ts";
import { newCounters } from "./session-counters.ts";
import { StreamTable } from "./stream-table.ts";
import type { Wire } from "./wire.ts";

/** One connection, either side, over whatever wire: the streams, the times, the end. */
export class H2Session implements ClientSession {
  readonly socket: Duplex;
  readonly config: SessionConfig;
  readonly closed: Promise<H2Error | undefined>;
  onUnavailable?: () => void;
  onAvailable?: () => void;
  lastFault: H2Error | undefined;
  maxConcurrentStreams: number = Infinity;
  lastOwnId = -1;
  readonly counted: SessionCounters = newCounters();
  readonly streams: StreamTable = new StreamTable();
  readonly clock: SessionClock;
  readonly ending: Ending;
  readonly wire: Wire;
  #last: H2Stream | undefined;

  constructor(socket: Duplex, config: SessionConfig, wireOf: (session: H2Session) => Wire) {
    this.socket = socket;
    this.config = config;
    this.clock = new SessionClock(this, config);
    this.ending = new Ending(this);
    this.closed = this.ending.closed;
    this.wire = wireOf(this);
    socket.on("error", (error: Error) => this.ending.lost(error));
    socket.on("end", () => this.ending.lost());
    socket.on("close", () => this.ending.gone());
    // A socket that is closed already says so no more.
    if (socket.destroyed) setImmediate(() => this.ending.gone());
  }

  get remoteAddress(): string | undefined {
    return (this.socket as Partial<Socket>).remoteAddress;
  }
  get remotePort(): number | undefined {
    return (this.socket as Partial<Socket>).remotePort;
  }
  get localAddress(): string | undefined {
    return (this.socket as Partial<Socket>).localAddress;
  }
  get localPort(): number | undefined {
    return (this.socket as Partial<Socket>).localPort;
  }
  get encrypted(): boolean {
    return "encrypted" in this.socket;
  }
  get counters(): Readonly<SessionCounters> {
    this.wire.countBytes(this.counted);
    return this.counted;
  }
  get openStreams(): number {
    return this.streams.size;
  }
  get server(): boolean {
    return this.config.server;
  }
  /** The session has said its last: what still arrives is passed over. */
  get over(): boolean {
    return this.ending.over;
  }
  get available(): boolean {
    return (
      !this.ending.begun &&
      this.streams.size < this.maxConcurrentStreams &&
      this.lastOwnId < max31 - 2
    );
  }

  ping(): Promise<number> {
    return this.clock.ping();
  }

  close(signal?: AbortSignal): Promise<void> {
    return this.ending.close(signal);
  }

  destroy(code: number = errorCodes.noError, reason = "session destroyed"): void {
    this.ending.cut(
      new H2Error(reason, { code, scope: "connection", section: "RFC 9113 section 6.8" }),
    );
  }

  request(
    headers: OutgoingHeaders,
    listener: StreamListener,
    options: { readonly body?: Uint8Array; readonly endStream: boolean },
  ): Stream {
    if (!this.available) throw noMoreStreams();
    this.lastOwnId += 2;
    const stream = this.addStream(this.lastOwnId, listener);
    stream.bodyless = isHeadRequest(headers);
    const { body, endStream } = options;
    this.writeHeaders(stream, headers, endStream && body === undefined);
    if (body !== undefined) this.writeData(stream, body, endStream);
    return stream;
  }

  // What streams ask for.

  writeHeaders(stream: H2Stream, headers: OutgoingHeaders, endStream: boolean): void {
    this.clock.onDataSent();
    if (endStream) stream.localEnded = true;
    this.wire.headers(stream, headers, endStream);
  }

  writeData(stream: H2Stream, chunk: Uint8Array, endStream: boolean): boolean {
    this.clock.onDataSent();
    if (endStream) stream.localEnded = true;
    return this.wire.data(stream, chunk, endStream);
  }

  resetStream(stream: H2Stream, code: number): void {
    this.counted.resetsSent += 1;
    this.wire.reset(stream, code);
    this.abort(stream, streamReset(code, false), true);
  }

  // What the wire tells.

  findStream(id: number): H2Stream | undefined {
    const last = this.#last;
    return last !== undefined && last.id === id && !last.closed ? last : this.streams.get(id);
  }

  /** Headers of a response: interim ones, or those before its body. */
  receiveHeaders(stream: H2Stream, block: HeaderBlock, endStream: boolean): void {
    stream.remoteEnded = endStream;
    stream.listener?.onHeaders?.(block, endStream);
    if (endStream && stream.localDone) this.#close(stream, false);
  }

  endRemote(stream: H2Stream, trailers: HeaderBlock | undefined): void {
    if (stream.closed || stream.remoteEnded) return;
    stream.remoteEnded = true;
    stream.listener?.onEnd(trailers);
    if (stream.localDone) this.#close(stream, false);
  }

  receiveReset(id: number, code: number): void {
    this.counted.resetsReceived += 1;
    const stream = this.findStream(id);
    if (stream !== undefined) this.abort(stream, streamReset(code, true), false);
  }

  receiveGoaway(lastId: number, code: number, reason: string): void {
    // First: whoever hears of a lost stream looks for another session.
    this.ending.onGoaway(code, reason);
    // Nothing is pushed: what a client says of streams of this side concerns none.
    if (this.server) return;
    for (const stream of this.streams.values()) {
      if (stream.id > lastId) this.abort(stream, passedOver(code, reason), true);
    }
  }

  limitStreams(value: number): void {
    const before = this.available;
    this.maxConcurrentStreams = value;
    if (!before && this.available) this.tell(this.onAvailable);
  }

  /** Calls back; what is thrown there ends this session and nothing else. */
  tell(callback: (() => void) | undefined): void {
    try {
      callback?.();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends the session by a breach of the peer's, or by a fault of this side's. */
  fail(error: unknown): void {
    this.ending.cut(error instanceof H2Error ? error : internalError(error));
  }

  /** Ends every stream with the error; nothing more is written. */
  abortAll(error: H2Error): void {
    for (const stream of this.streams.values()) this.abort(stream, error, true);
  }

  addStream(id: number, listener?: StreamListener): H2Stream {
    const stream = new H2Stream(this, id, listener);
    this.wire.adopt?.(stream);
    this.streams.add(stream);
    this.#last = stream;
    this.counted.streamsOpened += 1;
    return stream;
  }

  /** The last of this half has been sent. */
  halfClosed(stream: H2Stream): void {
    stream.localDone = true;
    if (stream.closed) return;
    if (stream.remoteEnded) this.#close(stream, false);
    else if (stream.stopsPeer) this.resetStream(stream, errorCodes.noError);
  }

  #close(stream: H2Stream, resetByUs: boolean): void {
    if (stream.closed) return;
    stream.closed = true;
    this.streams.delete(stream);
    this.wire.drop(stream, resetByUs);
    this.ending.onStreamClosed();
    if (this.streams.size === this.maxConcurrentStreams - 1 && this.available)
      this.tell(this.onAvailable);
  }

  /** Ends a stream with the error, which its listener hears last. */
  abort(stream: H2Stream, error: H2Error, resetByUs: boolean): void {
    if (stream.closed) return;
    this.#close(stream, resetByUs);
    const { listener } = stream;
    stream.listener = undefined;
    this.tell(() => listener?.onAbort(error));
  }
}
