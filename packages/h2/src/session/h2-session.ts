import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import type {
  ClientSession,
  OutgoingHeaders,
  SessionCounters,
  Stream,
  StreamAcceptor,
  StreamListener,
} from "../contract.ts";
import { errorCodes } from "../error-codes.ts";
import { H2Error } from "../h2-error.ts";
import type { Block } from "../hpack/block.ts";
import { ClosedStreams } from "./closed-streams.ts";
import { Ending } from "./ending.ts";
import { connectionFault, streamFault } from "./fault.ts";
import { FloodGuard } from "./flood-guard.ts";
import { FrameDispatch } from "./frame-dispatch.ts";
import { FrameReader } from "./frame-reader.ts";
import { clientPreface, max31 } from "./frame-types.ts";
import { FrameWriter } from "./frame-writer.ts";
import { H2Stream } from "./h2-stream.ts";
import { faultOf } from "./header-rules.ts";
import { Output } from "./output.ts";
import { Sender } from "./sender.ts";
import type { SessionConfig } from "./session-defaults.ts";
import { SessionClock } from "./session-clock.ts";
import { settingIds } from "./session-settings.ts";

/** More than this waiting to be written, and nothing more is read: answers must not pile up. */
const pauseAboveBytes = 1_048_576;

const noListener: StreamListener = { onData() {}, onEnd() {}, onDrain() {}, onAbort() {} };
const tooLarge = [":status", "431"];

/** One connection, either side: the streams, the windows, the settings, the end. */
export class H2Session implements ClientSession {
  readonly socket: Duplex;
  readonly guard: FloodGuard;
  readonly closedStreams: ClosedStreams = new ClosedStreams();
  readonly closed: Promise<H2Error | undefined>;
  onUnavailable?: () => void;
  onAvailable?: () => void;
  /** What the peer may send still on the whole connection. */
  receiveWindow: number;
  assemblySinceMs = 0;
  maxConcurrentStreams: number = Infinity;
  readonly #counters: SessionCounters = {
    streamsOpened: 0,
    streamsRefused: 0,
    resetsReceived: 0,
    resetsSent: 0,
    pingsReceived: 0,
    settingsReceived: 0,
    bytesRead: 0,
    bytesWritten: 0,
  };
  readonly #config: SessionConfig;
  readonly #acceptor: StreamAcceptor | undefined;
  readonly #out: Output;
  readonly #writer: FrameWriter;
  readonly #sender: Sender;
  readonly #reader: FrameReader;
  readonly #dispatch: FrameDispatch;
  readonly #clock: SessionClock;
  readonly #ending: Ending;
  readonly #streams: Map<number, H2Stream> = new Map();
  #last: H2Stream | undefined;
  #lastPeerId = 0;
  #lastOwnId = -1;
  #peerInitialWindow = 65_535;
  #ungranted = 0;

  constructor(socket: Duplex, config: SessionConfig, acceptor?: StreamAcceptor) {
    this.socket = socket;
    this.#config = config;
    this.#acceptor = acceptor;
    this.receiveWindow = config.connectionWindowBytes;
    this.guard = new FloodGuard(() => performance.now());
    this.#out = new Output(socket);
    this.#writer = new FrameWriter(this.#out);
    this.#sender = new Sender(this.#out, this.#writer, (stream) => this.#halfClosed(stream));
    this.#dispatch = new FrameDispatch(this, config);
    this.#reader = new FrameReader({ maxFrameBytes: config.maxFrameBytes, expectsPreface: config.server, onFrame: (frame) => this.#dispatch.frame(frame) });
    this.#clock = new SessionClock(this, config);
    this.#ending = new Ending(this, { out: this.#out, writer: this.#writer, clock: this.#clock });
    this.closed = this.#ending.closed;
    this.#begin();
  }

  get remoteAddress(): string | undefined { return (this.socket as Partial<Socket>).remoteAddress; }
  get remotePort(): number | undefined { return (this.socket as Partial<Socket>).remotePort; }
  get localAddress(): string | undefined { return (this.socket as Partial<Socket>).localAddress; }
  get localPort(): number | undefined { return (this.socket as Partial<Socket>).localPort; }
  get encrypted(): boolean { return "encrypted" in this.socket; }
  get counters(): Readonly<SessionCounters> {
    this.#counters.bytesWritten = this.#out.bytesWritten;
    return this.#counters;
  }
  get openStreams(): number { return this.#streams.size; }
  get lastPeerId(): number { return this.#lastPeerId; }
  get pendingBytes(): number { return this.#out.pendingBytes; }
  get progress(): number { return this.#out.bytesWritten - this.#out.pendingBytes; }
  get sawPreface(): boolean { return this.#reader.sawPreface && this.#dispatch.sawSettings; }
  get assembling(): boolean { return this.#dispatch.assembling; }

  get available(): boolean {
    return !this.#ending.begun && this.#streams.size < this.maxConcurrentStreams && this.#lastOwnId < max31 - 2;
  }

  nowMs(): number {
    return performance.now();
  }

  ping(): Promise<number> {
    return this.#clock.ping(this.#writer);
  }

  close(signal?: AbortSignal): Promise<void> {
    return this.#ending.close(signal);
  }

  destroy(code: number = errorCodes.noError, reason = "session destroyed"): void {
    this.#ending.cut(new H2Error(reason, { code, scope: "connection", section: "RFC 9113 section 6.8" }));
  }

  request(headers: OutgoingHeaders, listener: StreamListener, options: { readonly body?: Uint8Array; readonly endStream: boolean }): Stream {
    if (!this.available) {
      throw new H2Error("Cannot open a stream as the session takes no more", { code: errorCodes.refusedStream, scope: "stream", section: "RFC 9113 section 5.1.2", unprocessed: true });
    }
    this.#lastOwnId += 2;
    const stream = this.#addStream(this.#lastOwnId, listener);
    const { body, endStream } = options;
    this.writeHeaders(stream, headers, endStream && body === undefined);
    if (body !== undefined) this.writeData(stream, body, endStream);
    return stream;
  }

  // What streams ask for.

  writeHeaders(stream: H2Stream, headers: OutgoingHeaders, endStream: boolean): void {
    this.#clock.onDataSent();
    this.#sender.headers(stream, headers, endStream);
  }

  writeData(stream: H2Stream, chunk: Uint8Array, endStream: boolean): boolean {
    this.#clock.onDataSent();
    return this.#sender.data(stream, chunk, endStream);
  }

  /** Gives window back for bytes that were dealt with, in steps of half a window. */
  grant(stream: H2Stream, bytes: number): void {
    stream.outstanding -= bytes;
    this.regain(bytes);
    stream.ungranted += bytes;
    if (stream.remoteEnded || stream.ungranted < this.#config.initialWindowBytes / 2) return;
    stream.receiveWindow += stream.ungranted;
    this.#writer.windowUpdate(stream.id, stream.ungranted);
    stream.ungranted = 0;
  }

  /** Gives back window of the connection. */
  regain(bytes: number): void {
    this.#ungranted += bytes;
    if (this.#ungranted < this.#config.connectionWindowBytes / 2) return;
    this.receiveWindow += this.#ungranted;
    this.#writer.windowUpdate(0, this.#ungranted);
    this.#ungranted = 0;
  }

  resetStream(stream: H2Stream, code: number): void {
    this.sendReset(stream.id, code);
    this.#abort(stream, streamReset(code, false), true);
  }

  sendReset(id: number, code: number): void {
    this.#counters.resetsSent += 1;
    this.#writer.reset(id, code);
  }

  // What incoming frames mean.

  findStream(id: number): H2Stream | undefined {
    const last = this.#last;
    return last !== undefined && last.id === id && !last.closed ? last : this.#streams.get(id);
  }

  isIdle(id: number): boolean {
    const ofPeer = (id & 1) === (this.#config.server ? 1 : 0);
    return id > (ofPeer ? this.#lastPeerId : this.#lastOwnId);
  }

  /** The peer broke a rule of one stream: a reset it has provoked costs it as one of its own. */
  failStream(stream: H2Stream, fault: H2Error): void {
    this.guard.spend("provoked reset");
    this.sendReset(stream.id, fault.code);
    this.#abort(stream, fault, true);
  }

  failId(id: number, fault: H2Error): void {
    const stream = this.findStream(id);
    if (stream !== undefined) this.failStream(stream, fault);
    else if (this.isIdle(id)) throw connectionFault("protocolError", "5.1", fault.message);
    else this.sendReset(id, fault.code);
  }

  /** A request arrives: RFC 9113 section 5.1.1. */
  openFromPeer(id: number, block: Block, endStream: boolean): void {
    if ((id & 1) === 0) throw connectionFault("protocolError", "5.1.1", `Cannot open stream ${id} as a client's streams must be odd`);
    if (id <= this.#lastPeerId) {
      const ended = this.closedStreams.find(id);
      if (ended === "reset") return;
      throw connectionFault(ended === undefined ? "protocolError" : "streamClosed", "5.1.1", `Cannot open stream ${id} as ids must grow: the last was ${this.#lastPeerId}`);
    }
    if (this.#ending.refuses(id)) return;
    this.#lastPeerId = id;
    if (this.#streams.size >= this.#config.maxConcurrentStreams) {
      this.#counters.streamsRefused += 1;
      this.#refuse(id, errorCodes.refusedStream);
      return;
    }
    const fault = faultOf(block, "request");
    if (fault !== "" || (endStream && block.contentLength > 0)) {
      this.#refuse(id, errorCodes.protocolError);
      return;
    }
    this.#accept(id, block, endStream);
  }

  #refuse(id: number, code: number): void {
    this.guard.spend("refused stream");
    this.sendReset(id, code);
    this.closedStreams.add(id, true);
  }

  #accept(id: number, block: Block, endStream: boolean): void {
    const stream = this.#addStream(id, noListener);
    stream.sawHeaders = true;
    stream.expectedBytes = block.contentLength;
    stream.remoteEnded = endStream;
    if (block.listBytes > this.#config.maxHeaderListBytes) {
      stream.sendHeaders(tooLarge, true);
      if (!endStream) stream.reset(errorCodes.noError);
      return;
    }
    if (this.#acceptor !== undefined) stream.listener = this.#acceptor(stream, block, endStream);
  }

  receiveResponse(stream: H2Stream, block: Block, endStream: boolean): void {
    const interim = block.fields[1]?.startsWith("1") === true;
    if (interim && endStream) {
      this.failStream(stream, streamFault("protocolError", "8.1", "Cannot take an interim response as it must not end the stream"));
      return;
    }
    stream.sawHeaders = !interim;
    stream.expectedBytes = endStream || interim ? -1 : block.contentLength;
    stream.remoteEnded = endStream;
    stream.listener?.onHeaders?.(block, endStream);
    if (endStream && stream.localDone) this.#close(stream, false);
  }

  endRemote(stream: H2Stream, trailers: Block | undefined): void {
    if (stream.closed) return;
    stream.remoteEnded = true;
    stream.listener?.onEnd(trailers);
    if (stream.localDone) this.#close(stream, false);
  }

  receiveReset(id: number, code: number): void {
    this.#counters.resetsReceived += 1;
    const stream = this.findStream(id);
    if (stream !== undefined) this.#abort(stream, streamReset(code, true), false);
  }

  receiveSettings(entries: readonly (readonly [number, number])[]): void {
    this.#counters.settingsReceived += 1;
    for (const [id, value] of entries) {
      if (id === settingIds.initialWindowSize) this.#resizeWindows(value);
      else if (id === settingIds.maxFrameSize) this.#writer.maxFrameBytes = value;
      else if (id === settingIds.maxConcurrentStreams && !this.#config.server) this.#limitStreams(value);
      else if (id === settingIds.headerTableSize && value < 4096) this.#writer.tellTableSize(value);
      else if (id === settingIds.enablePush && value === 1 && !this.#config.server) {
        throw connectionFault("protocolError", "6.5.2", "Cannot take SETTINGS_ENABLE_PUSH of a server as it must be 0: current value is 1");
      }
    }
    this.#writer.settingsAck();
    this.#sender.pump();
  }

  receiveSettingsAck(): void {
    this.#clock.onSettingsAck();
  }

  receivePing(bytes: Buffer, start: number): void {
    this.#counters.pingsReceived += 1;
    this.guard.spend("PING");
    this.#clock.onPing();
    this.#writer.ping(bytes, start, true);
  }

  receivePong(number: number): void {
    this.#clock.onPong(number);
  }

  receiveGoaway(lastId: number, goaway: { readonly code: number; readonly reason: string }): void {
    this.#ending.onGoaway();
    this.onUnavailable?.();
    if (this.#config.server) return;
    for (const stream of [...this.#streams.values()]) {
      if (stream.id <= lastId) continue;
      const error = new H2Error(`the peer is going away: ${goaway.reason}`, { code: goaway.code, scope: "stream", section: "RFC 9113 section 6.8", remote: true, unprocessed: true });
      this.#abort(stream, error, true);
    }
  }

  receiveWindowUpdate(id: number, increment: number): void {
    const stream = id === 0 ? undefined : this.findStream(id);
    if (increment === 0) {
      const fault = streamFault("protocolError", "6.9", "Cannot take WINDOW_UPDATE as its increment must not be 0");
      if (id === 0) throw connectionFault("protocolError", "6.9", fault.message);
      if (stream !== undefined) this.failStream(stream, fault);
      return;
    }
    // A window that was used up is worth an update: legitimate readers send one for each piece they read.
    this.guard.earn(this.#sender.dataFrames);
    this.#sender.dataFrames = 0;
    if (id === 0) this.#sender.window = grown(this.#sender.window, increment, "connection");
    else if (stream !== undefined) {
      if (stream.sendWindow + increment > max31) {
        this.failStream(stream, streamFault("flowControlError", "6.9.1", "Cannot grow a window as it must be at most 2147483647"));
        return;
      }
      stream.sendWindow += increment;
    }
    this.#sender.pump();
  }

  /** Ends every stream with the error; nothing more is written. */
  abortAll(error: H2Error): void {
    for (const stream of [...this.#streams.values()]) this.#abort(stream, error, true);
  }

  #begin(): void {
    const { server, initialWindowBytes, connectionWindowBytes } = this.#config;
    if (!server) this.#out.append(Buffer.from(clientPreface, "latin1"));
    this.#writer.settings(this.#settings());
    this.#writer.windowUpdate(0, connectionWindowBytes - 65_535);
    if (connectionWindowBytes === 65_535 && initialWindowBytes === 65_535) this.#out.flush();
    this.socket.on("data", (chunk: Buffer) => this.#onBytes(chunk));
    this.socket.on("drain", () => this.#onDrain());
    this.socket.on("error", (error: Error) => this.#ending.lost(error));
    this.socket.on("end", () => this.#ending.lost());
    this.socket.on("close", () => this.#ending.gone());
  }

  #settings(): (readonly [number, number])[] {
    const { server, maxConcurrentStreams, initialWindowBytes, maxFrameBytes, maxHeaderListBytes, headerTableBytes } = this.#config;
    const entries: (readonly [number, number])[] = [
      [settingIds.initialWindowSize, initialWindowBytes],
      [settingIds.maxFrameSize, maxFrameBytes],
      [settingIds.maxHeaderListSize, maxHeaderListBytes],
    ];
    if (server) entries.push([settingIds.maxConcurrentStreams, maxConcurrentStreams]);
    else entries.push([settingIds.enablePush, 0]);
    if (headerTableBytes !== 4096) entries.push([settingIds.headerTableSize, headerTableBytes]);
    return entries;
  }

  #onBytes(chunk: Buffer): void {
    this.#counters.bytesRead += chunk.length;
    this.#clock.onBytes();
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#ending.cut(error instanceof H2Error ? error : internalError(error));
      return;
    }
    if (this.#out.blocked && this.#out.pendingBytes > pauseAboveBytes) this.socket.pause();
  }

  #onDrain(): void {
    this.#sender.pump();
    if (this.socket.isPaused()) this.socket.resume();
  }

  #addStream(id: number, listener: StreamListener): H2Stream {
    const stream = new H2Stream(this, id, { send: this.#peerInitialWindow, receive: this.#config.initialWindowBytes });
    stream.listener = listener;
    this.#streams.set(id, stream);
    this.#last = stream;
    this.#counters.streamsOpened += 1;
    return stream;
  }

  #halfClosed(stream: H2Stream): void {
    if (stream.remoteEnded && !stream.closed) this.#close(stream, false);
  }

  #close(stream: H2Stream, resetByUs: boolean): void {
    stream.closed = true;
    this.#streams.delete(stream.id);
    this.#sender.drop(stream);
    this.closedStreams.add(stream.id, resetByUs);
    if (stream.outstanding > 0) this.regain(stream.outstanding);
    stream.outstanding = 0;
    this.#ending.onStreamClosed();
    if (this.onAvailable !== undefined && this.#streams.size === this.maxConcurrentStreams - 1) this.onAvailable();
  }

  #abort(stream: H2Stream, error: H2Error, resetByUs: boolean): void {
    if (stream.closed) return;
    this.#close(stream, resetByUs);
    stream.listener?.onAbort(error);
  }

  #resizeWindows(value: number): void {
    const delta = value - this.#peerInitialWindow;
    this.#peerInitialWindow = value;
    for (const stream of this.#streams.values()) stream.sendWindow = grown(stream.sendWindow, delta, "stream");
  }

  #limitStreams(value: number): void {
    const before = this.available;
    this.maxConcurrentStreams = value;
    if (!before && this.available) this.onAvailable?.();
  }
}

function grown(window: number, by: number, whose: string): number {
  if (window + by <= max31) return window + by;
  throw connectionFault("flowControlError", "6.9.1", `Cannot grow the window of a ${whose} as it must be at most 2147483647`);
}

function streamReset(code: number, remote: boolean): H2Error {
  const who = remote ? "the peer" : "this side";
  return new H2Error(`stream reset by ${who} with code ${code}`, { code, scope: "stream", section: "RFC 9113 section 6.4", remote, unprocessed: remote && code === errorCodes.refusedStream });
}

function internalError(cause: unknown): H2Error {
  return new H2Error("internal error", { code: errorCodes.internalError, scope: "connection", section: "RFC 9113 section 7", cause });
}
