import type { OutgoingHeaders, SessionCounters, StreamAcceptor } from "../contract.ts";
import { errorCodes } from "../error-codes.ts";
import type { H2Error } from "../h2-error.ts";
import type { Block } from "../hpack/block.ts";
import { ClosedStreams } from "./closed-streams.ts";
import { ControlFrames } from "./control-frames.ts";
import { connectionFault, streamFault } from "./fault.ts";
import { FloodGuard } from "./flood-guard.ts";
import { FrameDispatch } from "./frame-dispatch.ts";
import { type Frame, FrameReader } from "./frame-reader.ts";
import { clientPreface } from "./frame-types.ts";
import { FrameWriter } from "./frame-writer.ts";
import type { H2Session } from "./h2-session.ts";
import type { H2Stream } from "./h2-stream.ts";
import { InboundWindows } from "./inbound-windows.ts";
import { Intake } from "./intake.ts";
import { Output } from "./output.ts";
import { Sender } from "./sender.ts";
import { settingEntries } from "./session-settings.ts";
import { SlowPeer } from "./slow-peer.ts";
import type { Wire } from "./wire.ts";

/** More than this waiting to be written, and nothing more is read: answers must not pile up. */
const pauseAboveBytes = 1_048_576;
/** Cheap frames of one peer that are taken in one turn: the others behind it shall not wait for all it can send. */
const cheapFramesInTurn = 32;
/** A stream that is opened as a share of one. */
const workOfStream = 0.25;
const endedInterim = "Cannot take an interim response as it must not end the stream";

/** The wire of this package's own: frames on a socket, the windows, and what a peer may cost. */
export class FrameWire implements Wire {
  readonly session: H2Session;
  readonly guard: FloodGuard = new FloodGuard(() => performance.now());
  /** Pays for PINGs and window updates, which data of this side calls for. */
  readonly replyGuard: FloodGuard;
  readonly closedStreams: ClosedStreams = new ClosedStreams();
  readonly inbound: InboundWindows;
  assemblySinceMs = 0;
  #bytesRead = 0;
  #workBefore = 0;
  readonly #out: Output;
  readonly #writer: FrameWriter;
  readonly #sender: Sender;
  readonly #reader: FrameReader;
  readonly #control: ControlFrames;
  readonly #dispatch: FrameDispatch;
  readonly #intake: Intake;
  readonly #slow: SlowPeer;

  constructor(session: H2Session, acceptor?: StreamAcceptor) {
    const { config, socket } = session;
    this.session = session;
    this.#out = new Output(socket, () => this.#onRoom());
    this.#writer = new FrameWriter(this.#out);
    this.inbound = new InboundWindows(config, this.#writer);
    this.#sender = new Sender(this.#out, this.#writer, (stream) => session.halfClosed(stream));
    this.replyGuard = new FloodGuard(
      () => performance.now(),
      () => this.#sender.takeCredit(),
    );
    this.#reader = new FrameReader({
      maxFrameBytes: config.maxFrameBytes,
      expectsPreface: config.server,
      onFrame: (frame) => this.#onFrame(frame),
    });
    this.#control = new ControlFrames(this, { writer: this.#writer, sender: this.#sender });
    this.#dispatch = new FrameDispatch(this, this.#control);
    this.#intake = new Intake(this, { acceptor, sender: this.#sender });
    this.#slow = new SlowPeer(this, config);
    this.#begin();
  }

  get lastPeerId(): number {
    return this.#intake.lastId;
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
  get assembling(): boolean {
    return this.#dispatch.assembling;
  }

  // What the session asks for.

  adopt(stream: H2Stream): void {
    stream.sendWindow = this.#control.sendWindow;
    stream.receiveWindow = this.inbound.initial;
  }

  headers(stream: H2Stream, headers: OutgoingHeaders, endStream: boolean): void {
    this.#sender.headers(stream, headers, endStream);
  }

  data(stream: H2Stream, chunk: Uint8Array): boolean {
    return this.#sender.data(stream, chunk);
  }

  consume(stream: H2Stream, bytes: number): void {
    this.inbound.grant(stream, bytes);
  }

  reset(stream: H2Stream, code: number): void {
    this.#writer.reset(stream.id, code);
  }

  drop(stream: H2Stream, resetByUs: boolean): void {
    this.#sender.drop(stream);
    this.closedStreams.add(stream.id, resetByUs);
    if (stream.earns && stream.localDone && stream.remoteEnded) this.guard.earn();
    if (stream.outstanding > 0) this.inbound.regain(stream.outstanding);
    stream.outstanding = 0;
  }

  ping(payload: Buffer): void {
    this.#writer.ping(payload, 0, false);
  }

  goaway(lastId: number, code: number, reason: string): void {
    this.#writer.goaway(lastId, code, reason);
  }

  end(onLeft: () => void): void {
    this.#out.end(onLeft);
  }

  countBytes(counters: SessionCounters): void {
    counters.bytesRead = this.#bytesRead;
    counters.bytesWritten = this.#out.bytesWritten;
  }

  findSlow(nowMs: number): H2Error | undefined {
    const { server, writeTimeoutMs } = this.session.config;
    const fault = this.#slow.find(nowMs);
    if (fault !== undefined || !server) return fault;
    for (const stream of this.#sender.stalled(nowMs, writeTimeoutMs)) {
      this.session.resetStream(stream, errorCodes.enhanceYourCalm);
    }
    return undefined;
  }

  // What incoming frames mean.

  sendReset(id: number, code: number): void {
    this.session.counted.resetsSent += 1;
    this.#writer.reset(id, code);
  }

  isIdle(id: number): boolean {
    const ofPeer = (id & 1) === (this.session.server ? 1 : 0);
    return id > (ofPeer ? this.#intake.lastId : this.session.lastOwnId);
  }

  /** The peer broke a rule of one stream: a reset it has provoked costs it as one of its own. */
  failStream(stream: H2Stream, fault: H2Error): void {
    this.noteFault(fault);
    this.guard.spend("provoked reset");
    this.sendReset(stream.id, fault.code);
    this.session.abort(stream, fault, true);
  }

  failId(id: number, fault: H2Error): void {
    const stream = this.session.findStream(id);
    if (stream !== undefined) this.failStream(stream, fault);
    else if (this.isIdle(id)) throw connectionFault("protocolError", "5.1", fault.message);
    else this.sendReset(id, fault.code);
  }

  noteFault(fault: H2Error): void {
    this.session.counted.streamsFailed += 1;
    this.session.lastFault = fault;
  }

  openFromPeer(id: number, block: Block, endStream: boolean): void {
    this.#intake.open(id, block, endStream);
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
    this.session.receiveHeaders(stream, block, endStream);
  }

  #begin(): void {
    const { config, socket } = this.session;
    if (!config.server) this.#out.append(Buffer.from(clientPreface, "latin1"));
    this.#writer.settings(settingEntries(config));
    this.inbound.announce();
    socket.on("data", (chunk: Buffer) => this.#onBytes(chunk));
    socket.on("drain", () => this.#onRoom());
  }

  #onBytes(chunk: Buffer): void {
    this.#bytesRead += chunk.length;
    if (!this.#reader.isHeld) this.#workBefore = this.#work;
    this.#read(() => this.#reader.push(chunk));
  }

  #onFrame(frame: Frame): void {
    this.#dispatch.frame(frame);
    if (this.#work - this.#workBefore <= cheapFramesInTurn || this.#reader.isHeld) return;
    this.#reader.hold();
    this.session.socket.pause();
    setImmediate(() => this.#nextTurn());
  }

  /** What the peer has made this side do, in cheap frames. */
  get #work(): number {
    const { streamsOpened } = this.session.counted;
    return this.guard.spent + this.replyGuard.spent + streamsOpened * workOfStream;
  }

  #nextTurn(): void {
    this.#workBefore = this.#work;
    this.#read(() => this.#reader.release());
    this.#pace();
  }

  #read(more: () => void): void {
    if (this.session.over) return;
    try {
      more();
    } catch (error) {
      this.session.fail(error);
      return;
    }
    if (this.#isFull) this.session.socket.pause();
  }

  get #isFull(): boolean {
    return this.#out.blocked && this.#out.pendingBytes > pauseAboveBytes;
  }

  /** The output takes more. */
  #onRoom(): void {
    try {
      this.#sender.pump();
    } catch (error) {
      this.session.fail(error);
    }
    this.#pace();
  }

  /** Reads on, unless something waits: what comes when the session is over is passed over. */
  #pace(): void {
    const { socket, over } = this.session;
    if (!over && (this.#reader.isHeld || this.#isFull)) return;
    if (socket.isPaused()) socket.resume();
  }
}
