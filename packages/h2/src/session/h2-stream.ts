import type { OutgoingHeaders, Stream, StreamListener } from "../contract.ts";
import { errorCodes } from "../error-codes.ts";
import type { H2Session } from "./h2-session.ts";
import type { Stall } from "./stall.ts";

/** One stream: its state, its windows, and what waits to be sent. */
export class H2Stream implements Stream {
  readonly id: number;
  readonly session: H2Session;
  listener: StreamListener | undefined;
  closed = false;
  /** This side has sent its END_STREAM, or has it waiting behind `pending`. */
  localEnded = false;
  /** END_STREAM is on the wire. */
  localDone = false;
  remoteEnded = false;
  /** A proper end of it earns the peer a cheap frame. */
  earns = false;
  /** The response has no body whatever its content-length: RFC 9110 section 8.6. */
  bodyless = false;
  /** The final header block has arrived: another one is trailers. */
  sawHeaders = false;
  /** What the peer lets this side send. */
  sendWindow = 0;
  /** What this side lets the peer send still. */
  receiveWindow = 0;
  /** Delivered and not yet consumed by the listener. */
  outstanding = 0;
  /** Consumed and not yet granted again. */
  ungranted = 0;
  /** Of the peer's content-length, -1 for none. */
  expectedBytes = -1;
  receivedBytes = 0;
  pending: Uint8Array[] = [];
  pendingTrailers: OutgoingHeaders | undefined = undefined;
  wantsDrain = false;
  /** The peer is to be told to send no more once this side is done. */
  stopsPeer = false;
  /** For the table of open streams alone. */
  nextInTable: H2Stream | undefined = undefined;
  /** From the first time something waits. */
  stall: Stall | undefined = undefined;

  constructor(session: H2Session, id: number, listener: StreamListener | undefined) {
    this.session = session;
    this.id = id;
    this.listener = listener;
  }

  sendHeaders(headers: OutgoingHeaders, endStream: boolean): void {
    if (this.closed || this.localEnded) return;
    if (this.pending.length > 0) {
      // Trailers wait for the body in front of them.
      this.pendingTrailers = headers;
      this.localEnded = true;
      return;
    }
    this.session.writeHeaders(this, headers, endStream);
  }

  write(chunk: Uint8Array, endStream: boolean): boolean {
    if (this.closed || this.localEnded) return true;
    return this.session.writeData(this, chunk, endStream);
  }

  respond(headers: OutgoingHeaders, body: Uint8Array, trailers: OutgoingHeaders | undefined): void {
    if (this.closed || this.localEnded) return;
    const bare = body.length === 0;
    this.session.writeHeaders(this, headers, bare && trailers === undefined);
    if (!bare) this.session.writeData(this, body, trailers === undefined);
    if (trailers !== undefined) this.sendHeaders(trailers, true);
  }

  consume(bytes: number): void {
    if (!this.closed) this.session.wire.consume(this, Math.min(bytes, this.outstanding));
  }

  reset(code: number): void {
    if (this.closed) return;
    // An answer whose end still waits for the window goes out first: NO_ERROR takes nothing back (RFC 9113 section 8.1).
    if (code === errorCodes.noError && this.localEnded && !this.localDone) this.stopsPeer = true;
    else this.session.resetStream(this, code);
  }
}
