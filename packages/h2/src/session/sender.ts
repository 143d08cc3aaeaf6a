import type { OutgoingHeaders } from "../contract.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { H2Stream } from "./h2-stream.ts";
import type { Output } from "./output.ts";
import { Stall } from "./stall.ts";

const nothing = new Uint8Array(0);
/** A longer frame gains nothing, and holds up the streams behind it. */
const longestFrameBytes = 65_536;
/** Pieces below this that the window cut off are the peer's doing: they call for no answer. */
const earningBytes = 1024;

/**
 * Sends bodies as far as the peer's windows and the socket allow, and keeps the rest. Streams that
 * wait take turns, a frame each.
 */
export class Sender {
  readonly #out: Output;
  readonly #writer: FrameWriter;
  readonly #onLocalEnd: (stream: H2Stream) => void;
  readonly #waiting: Set<H2Stream> = new Set();
  readonly #stall: Stall = new Stall();
  /** What the peer lets this side send on the whole connection. */
  window = 65_535;
  /** Bytes that wait for a window or the socket, of all streams. */
  queuedBytes = 0;
  #credit = 0;

  constructor(out: Output, writer: FrameWriter, onLocalEnd: (stream: H2Stream) => void) {
    this.#out = out;
    this.#writer = writer;
    this.#onLocalEnd = onLocalEnd;
  }

  headers(stream: H2Stream, headers: OutgoingHeaders, endStream: boolean): void {
    this.#writer.headers(stream.id, headers, endStream);
    if (endStream) this.#onLocalEnd(stream);
  }

  /** False when something waits: the stream hears `onDrain` once nothing does. */
  data(stream: H2Stream, chunk: Uint8Array): boolean {
    const free = stream.pending.length === 0 && !this.#out.blocked;
    const left = free ? this.#send(stream, chunk) : chunk;
    if (left === undefined) return true;
    if (left.length > 0) {
      stream.pending.push(left);
      this.queuedBytes += left.length;
    }
    stream.wantsDrain = true;
    stream.stall ??= new Stall();
    this.#waiting.add(stream);
    return false;
  }

  /** Forgets what a stream had waiting. */
  drop(stream: H2Stream): void {
    if (!this.#waiting.delete(stream)) return;
    for (const chunk of stream.pending) this.queuedBytes -= chunk.length;
    stream.pending = [];
    stream.pendingTrailers = undefined;
  }

  /** Sends what has become possible: after a window update, or when the socket drained. */
  pump(): void {
    for (const stream of this.#waiting) {
      if (this.#out.blocked) return;
      const [chunk] = stream.pending;
      if (chunk !== undefined && Math.min(this.window, stream.sendWindow) <= 0) continue;
      if (chunk !== undefined) this.#sendNext(stream, chunk);
      // Sending its last frame may have closed it.
      if (!this.#waiting.delete(stream)) continue;
      if (stream.pending.length > 0) this.#waiting.add(stream);
      else this.#drained(stream);
    }
  }

  /** PINGs and window updates that the data sent since the last time may have called for. */
  takeCredit(): number {
    const credit = this.#credit;
    this.#credit = 0;
    return credit;
  }

  /**
   * The streams whose answer is complete and that the peer lets make no progress: it keeps memory
   * here and gives no window. Others wait for their writer, or for their turn.
   */
  stalled(nowMs: number, timeoutMs: number): readonly H2Stream[] {
    const shut = this.#stall.lasts(nowMs, timeoutMs) && this.window <= 0;
    const stalled: H2Stream[] = [];
    for (const stream of this.#waiting) {
      if (!stream.localEnded) continue;
      if (stream.stall?.lasts(nowMs, timeoutMs) === true && (shut || stream.sendWindow <= 0))
        stalled.push(stream);
    }
    return stalled;
  }

  #sendNext(stream: H2Stream, chunk: Uint8Array): void {
    const size = this.#room(stream);
    const turn = chunk.length <= size ? chunk : chunk.subarray(0, size);
    if (turn.length === chunk.length) stream.pending.shift();
    else stream.pending[0] = chunk.subarray(size);
    this.queuedBytes -= turn.length;
    const ends = stream.pending.length === 0 && endsWithData(stream);
    if (turn.length === chunk.length || size >= earningBytes) this.#earn(turn.length);
    this.#frame(stream, turn, ends);
    if (ends) this.#onLocalEnd(stream);
  }

  #drained(stream: H2Stream): void {
    const trailers = stream.pendingTrailers;
    if (trailers !== undefined) {
      stream.pendingTrailers = undefined;
      this.#writer.headers(stream.id, trailers, true);
      this.#onLocalEnd(stream);
    } else if (stream.localEnded && !stream.localDone) {
      // The end came when the body had gone out already.
      this.#frame(stream, nothing, true);
      this.#onLocalEnd(stream);
    }
    if (!stream.wantsDrain || stream.closed) return;
    stream.wantsDrain = false;
    if (!stream.localEnded) stream.listener?.onDrain();
  }

  /** Sends what the windows allow now; answers the rest, or undefined when all of it went out. */
  #send(stream: H2Stream, chunk: Uint8Array): Uint8Array | undefined {
    const ends = stream.localEnded;
    if (chunk.length === 0 && ends) this.#frame(stream, nothing, true);
    let at = 0;
    while (at < chunk.length) {
      const size = Math.min(chunk.length - at, this.#room(stream));
      // A body may be larger than what the socket passes on while nothing is read: the rest has to
      // wait here, or two peers with much to say would each wait for the other to listen.
      if (size <= 0 || this.#out.blocked) return chunk.subarray(at);
      const piece = size === chunk.length ? chunk : chunk.subarray(at, at + size);
      at += size;
      if (at === chunk.length || size >= earningBytes) this.#earn(size);
      this.#frame(stream, piece, ends && at === chunk.length);
    }
    if (ends) this.#onLocalEnd(stream);
    return this.#out.blocked && !ends ? nothing : undefined;
  }

  #frame(stream: H2Stream, piece: Uint8Array, endStream: boolean): void {
    const { length } = piece;
    this.window -= length;
    stream.sendWindow -= length;
    this.#stall.move(length);
    stream.stall?.move(length);
    this.#writer.data(stream.id, piece, endStream);
  }

  /** The longest frame that the peer takes now. */
  #room(stream: H2Stream): number {
    return Math.min(this.#writer.maxFrameBytes, longestFrameBytes, this.window, stream.sendWindow);
  }

  /**
   * Readers give window back for the stream and for the connection, some in small pieces, and some
   * measure the way with a PING.
   */
  #earn(bytes: number): void {
    this.#credit += 3 + (bytes >>> 9);
  }
}

function endsWithData(stream: H2Stream): boolean {
  return stream.localEnded && stream.pendingTrailers === undefined;
}
