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
import { ControlFrames } from "./control-frames.ts";
import { Ending } from "./ending.ts";
import {
  connectionFault,
  internalError,
  noMoreStreams,
  streamFault,
  streamReset,
} from "./fault.ts";
import { FloodGuard } from "./flood-guard.ts";
import { FrameDispatch } from "./frame-dispatch.ts";
import { FrameReader } from "./frame-reader.ts";
import { clientPreface, max31 } from "./frame-types.ts";
import { FrameWriter } from "./frame-writer.ts";
import { H2Stream } from "./h2-stream.ts";
import { isHeadRequest } from "./header-rules.ts";
import { InboundWindows } from "./inbound-windows.ts";
import { Intake } from "./intake.ts";
import { Output } from "./output.ts";
import { Sender } from "./sender.ts";
import type { SessionConfig } from "./session-defaults.ts";
import { SessionClock } from "./session-clock.ts";
import { newCounters } from "./session-counters.ts";
import { settingsOf } from "./session-settings.ts";
import { StreamTable } from "./stream-table.ts";

/** More than this waiting to be written, and nothing more is read: answers must not pile up. */
const pauseAboveBytes = 1_048_576;
const endedInterim = "Cannot take an interim response as it must not end the stream";

/** One connection, either side: the streams, the windows, the settings, the end. */
export class H2Session implements ClientSession {
  readonly socket: Duplex;
  readonly guard: FloodGuard;
  readonly closedStreams: ClosedStreams = new ClosedStreams();
  readonly closed: Promise<H2Error | undefined>;
  onUnavailable?: () => void;
  onAvailable?: () => void;
  lastFault: H2Error | undefined;
  /** Pays for PINGs and window updates, which data of this side calls for. */
  readonly replyGuard: FloodGuard;
  readonly inbound: InboundWindows;
  assemblySinceMs = 0;
  maxConcurrentStreams: number = Infinity;
  readonly #counters: SessionCounters = newCounters();
  readonly #config: SessionConfig;
  readonly #out: Output;
  readonly #writer: FrameWriter;
  readonly #sender: Sender;
  readonly #reader: FrameReader;
  readonly #control: ControlFrames;
  readonly #dispatch: FrameDispatch;
  readonly #clock: SessionClock;
  readonly #ending: Ending;
  readonly #intake: Intake;
  readonly #streams: StreamTable = new StreamTable();
  #last: H2Stream | undefined;
  #lastOwnId = -1;

  constructor(socket: Duplex, config: SessionConfig, acceptor?: StreamAcceptor) {
    this.socket = socket;
    this.#config = config;
    this.guard = new FloodGuard(() => performance.now());
    this.#out = new Output(socket, () => this.#onRoom());
    this.#writer = new FrameWriter(this.#out);
    this.inbound = new InboundWindows(config, this.#writer);
    this.#sender = new Sender(this.#out, this.#writer, (stream) => this.#halfClosed(stream));
    this.replyGuard = new FloodGuard(
      () => performance.now(),
      () => this.#sender.takeCredit(),
    );
    this.#reader = new FrameReader({
      maxFrameBytes: config.maxFrameBytes,
      expectsPreface: config.server,
      onFrame: (frame) => this.#dispatch.frame(frame),
    });
    this.#clock = new SessionClock(this, config, this.#writer);
    this.#ending = new Ending(this, { out: this.#out, writer: this.#writer, clock: this.#clock });
    const parts = {
      config,
      acceptor,
      writer: this.#writer,
      sender: this.#sender,
      clock: this.#clock,
      ending: this.#ending,
      counters: this.#counters,
      streams: this.#streams,
    };
    this.#control = new ControlFrames(this, parts);
    this.#dispatch = new FrameDispatch(this, config, this.#control);
    this.#intake = new Intake(this, parts);
    this.closed = this.#ending.closed;
    this.#begin();
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
    this.#counters.bytesWritten = this.#out.bytesWritten;
    this.#counters.keepalivesSent = this.#clock.keepalivesSent;
    return this.#counters;
  }
  get openStreams(): number {
    return this.#streams.size;
  }
  get lastPeerId(): number {
    return this.#intake.lastId;
  }
  get server(): boolean {
    return this.#config.server;
  }
  /** The session has said its last: what still arrives is passed over. */
  get over(): boolean {
    return this.#ending.over;
  }
  get partialHeaders(): number {
    return this.#reader.partialHeaders;
  }
  get pendingBytes(): number {
    return this.#out.pendingBytes;
  }
  get progress(): number {
    return this.#out.passedBytes;
  }
  get sawPreface(): boolean {
    return this.#reader.sawPreface && this.#control.sawSettings;
  }
  get assembling(): boolean {
    return this.#dispatch.assembling;
  }
  get available(): boolean {
    return (
      !this.#ending.begun &&
      this.#streams.size < this.maxConcurrentStreams &&
      this.#lastOwnId < max31 - 2
    );
  }

  nowMs(): number {
    return performance.now();
  }

  ping(): Promise<number> {
    return this.#clock.ping();
  }

  close(signal?: AbortSignal): Promise<void> {
    return this.#ending.close(signal);
  }

  destroy(code: number = errorCodes.noError, reason = "session destroyed"): void {
    this.#ending.cut(
      new H2Error(reason, { code, scope: "connection", section: "RFC 9113 section 6.8" }),
    );
  }

  request(
    headers: OutgoingHeaders,
    listener: StreamListener,
    options: { readonly body?: Uint8Array; readonly endStream: boolean },
  ): Stream {
    if (!this.available) throw noMoreStreams();
    this.#lastOwnId += 2;
    const stream = this.addStream(this.#lastOwnId, listener);
    stream.bodyless = isHeadRequest(headers);
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
    return id > (ofPeer ? this.#intake.lastId : this.#lastOwnId);
  }

  /** The peer broke a rule of one stream: a reset it has provoked costs it as one of its own. */
  failStream(stream: H2Stream, fault: H2Error): void {
    this.noteFault(fault);
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

  openFromPeer(id: number, block: Block, endStream: boolean): void {
    this.#intake.open(id, block, endStream);
  }

  noteFault(fault: H2Error): void {
    this.#counters.streamsFailed += 1;
    this.lastFault = fault;
  }

  /** Ends the streams whose answers the peer does not take. */
  resetStalled(nowMs: number, timeoutMs: number): void {
    for (const stream of this.#sender.stalled(nowMs, timeoutMs)) {
      this.resetStream(stream, errorCodes.enhanceYourCalm);
    }
  }

  receiveResponse(stream: H2Stream, block: Block, endStream: boolean): void {
    const interim = block.fields[1]?.startsWith("1") === true;
    if (interim && endStream) {
      this.failStream(stream, streamFault("protocolError", "8.1", endedInterim));
      return;
    }
    if (interim) this.guard.spend("interim response");
    stream.sawHeaders = !interim;
    const bodyless = endStream || interim || stream.bodyless || block.fields[1] === "304";
    stream.expectedBytes = bodyless ? -1 : block.contentLength;
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

  /** The peer will not look at the streams of this side above an id. */
  abortAbove(id: number, code: number, reason: string): void {
    for (const stream of this.#streams.values()) {
      if (stream.id <= id) continue;
      const error = new H2Error(`the peer is going away: ${reason}`, {
        code,
        scope: "stream",
        section: "RFC 9113 section 6.8",
        remote: true,
        unprocessed: true,
      });
      this.#abort(stream, error, true);
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
      this.#ending.cut(internalError(error));
    }
  }

  /** Ends every stream with the error; nothing more is written. */
  abortAll(error: H2Error): void {
    for (const stream of this.#streams.values()) this.#abort(stream, error, true);
  }

  #begin(): void {
    if (!this.#config.server) this.#out.append(Buffer.from(clientPreface, "latin1"));
    this.#writer.settings(settingsOf(this.#config));
    this.inbound.announce();
    this.socket.on("data", (chunk: Buffer) => this.#onBytes(chunk));
    this.socket.on("drain", () => this.#onRoom());
    this.socket.on("error", (error: Error) => this.#ending.lost(error));
    this.socket.on("end", () => this.#ending.lost());
    this.socket.on("close", () => this.#ending.gone());
    // A socket that is closed already says so no more.
    if (this.socket.destroyed) setImmediate(() => this.#ending.gone());
  }

  #onBytes(chunk: Buffer): void {
    this.#counters.bytesRead += chunk.length;
    if (this.over) return;
    this.#clock.onBytes();
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#ending.cut(error instanceof H2Error ? error : internalError(error));
      return;
    }
    if (this.#out.blocked && this.#out.pendingBytes > pauseAboveBytes) this.socket.pause();
  }

  /** The output takes more. */
  #onRoom(): void {
    try {
      this.#sender.pump();
    } catch (error) {
      this.#ending.cut(internalError(error));
    }
    if (this.socket.isPaused()) this.socket.resume();
  }

  addStream(id: number, listener: StreamListener): H2Stream {
    const stream = new H2Stream(this, id, {
      send: this.#control.sendWindow,
      receive: this.inbound.initial,
    });
    stream.listener = listener;
    this.#streams.add(stream);
    this.#last = stream;
    this.#counters.streamsOpened += 1;
    return stream;
  }

  #halfClosed(stream: H2Stream): void {
    if (stream.closed) return;
    if (stream.remoteEnded) this.#close(stream, false);
    else if (stream.stopsPeer) this.resetStream(stream, errorCodes.noError);
  }

  #close(stream: H2Stream, resetByUs: boolean): void {
    if (stream.closed) return;
    stream.closed = true;
    this.#streams.delete(stream);
    this.#sender.drop(stream);
    this.closedStreams.add(stream.id, resetByUs);
    if (stream.earns && stream.localDone && stream.remoteEnded) this.guard.earn();
    if (stream.outstanding > 0) this.inbound.regain(stream.outstanding);
    stream.outstanding = 0;
    this.#ending.onStreamClosed();
    if (this.#streams.size === this.maxConcurrentStreams - 1 && this.available)
      this.tell(this.onAvailable);
  }

  #abort(stream: H2Stream, error: H2Error, resetByUs: boolean): void {
    if (stream.closed) return;
    this.#close(stream, resetByUs);
    this.tell(() => stream.listener?.onAbort(error));
  }
}
