import type { OutgoingHeaders } from "../contract.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { H2Stream } from "./h2-stream.ts";
import type { Output } from "./output.ts";

const nothing = new Uint8Array(0);

/**
 * Sends bodies as far as the peer's windows and the socket allow, and keeps the rest. Streams that
 * wait take turns, a frame each.
 */
export class Sender {
  readonly #out: Output;
  readonly #writer: FrameWriter;
  readonly #onLocalEnd: (stream: H2Stream) => void;
  readonly #waiting: Set<H2Stream> = new Set();
  /** What the peer lets this side send on the whole connection. */
  window = 65_535;
  dataFrames = 0;

  constructor(out: Output, writer: FrameWriter, onLocalEnd: (stream: H2Stream) => void) {
    this.#out = out;
    this.#writer = writer;
    this.#onLocalEnd = onLocalEnd;
  }

  headers(stream: H2Stream, headers: OutgoingHeaders, endStream: boolean): void {
    this.#writer.headers(stream.id, headers, endStream);
    if (!endStream) return;
    stream.localEnded = true;
    this.#finish(stream);
  }

  /** False when something waits: the stream hears `onDrain` once nothing does. */
  data(stream: H2Stream, chunk: Uint8Array, endStream: boolean): boolean {
    if (endStream) stream.localEnded = true;
    const free = stream.pending.length === 0 && !this.#out.blocked;
    const left = free ? this.#send(stream, chunk) : chunk;
    if (left === undefined) return true;
    if (left.length > 0) stream.pending.push(left);
    stream.wantsDrain = true;
    this.#waiting.add(stream);
    return false;
  }

  /** Forgets what a stream had waiting. */
  drop(stream: H2Stream): void {
    this.#waiting.delete(stream);
    stream.pending = [];
    stream.pendingTrailers = undefined;
  }

  /** Sends what has become possible: after a window update, or when the socket drained. */
  pump(): void {
    for (const stream of this.#waiting) {
      if (this.#out.blocked) return;
      const [chunk] = stream.pending;
      if (chunk !== undefined && Math.min(this.window, stream.sendWindow) <= 0) continue;
      this.#waiting.delete(stream);
      if (chunk !== undefined) this.#sendNext(stream, chunk);
      if (stream.pending.length > 0) this.#waiting.add(stream);
      else this.#drained(stream);
    }
  }

  #sendNext(stream: H2Stream, chunk: Uint8Array): void {
    const turn = chunk.subarray(0, Math.min(this.#writer.maxFrameBytes, this.window, stream.sendWindow));
    if (turn.length === chunk.length) stream.pending.shift();
    else stream.pending[0] = chunk.subarray(turn.length);
    this.#frame(stream, turn, stream.pending.length === 0 && this.#endsWithData(stream));
  }

  #drained(stream: H2Stream): void {
    const trailers = stream.pendingTrailers;
    if (trailers !== undefined) {
      stream.pendingTrailers = undefined;
      this.#writer.headers(stream.id, trailers, true);
      this.#finish(stream);
    } else if (stream.localEnded && !stream.localDone) {
      this.#finish(stream);
    }
    if (!stream.wantsDrain || stream.closed) return;
    stream.wantsDrain = false;
    if (!stream.localEnded) stream.listener?.onDrain();
  }

  /** Sends what the windows allow now; answers the rest, or undefined when all of it went out. */
  #send(stream: H2Stream, chunk: Uint8Array): Uint8Array | undefined {
    const ends = this.#endsWithData(stream);
    if (chunk.length === 0) {
      if (ends) this.#frame(stream, nothing, true);
    }
    let at = 0;
    while (at < chunk.length) {
      const size = Math.min(chunk.length - at, this.#writer.maxFrameBytes, this.window, stream.sendWindow);
      if (size <= 0) return chunk.subarray(at);
      const piece = size === chunk.length ? chunk : chunk.subarray(at, at + size);
      at += size;
      this.#frame(stream, piece, ends && at === chunk.length);
    }
    if (stream.localEnded && ends) this.#finish(stream);
    return this.#out.blocked && !stream.localEnded ? nothing : undefined;
  }

  #endsWithData(stream: H2Stream): boolean {
    return stream.localEnded && stream.pendingTrailers === undefined;
  }

  #frame(stream: H2Stream, piece: Uint8Array, endStream: boolean): void {
    this.window -= piece.length;
    stream.sendWindow -= piece.length;
    this.dataFrames += 1;
    this.#writer.data(stream.id, piece, endStream);
  }

  #finish(stream: H2Stream): void {
    stream.localDone = true;
    this.#onLocalEnd(stream);
  }
}
