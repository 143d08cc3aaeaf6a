import type { OutgoingHeaders, SessionCounters } from "../contract.ts";
import type { H2Error } from "../h2-error.ts";
import type { H2Stream } from "./h2-stream.ts";

/**
 * What carries the streams of a session: the frames of this package, or another HTTP/2 below it. It
 * does what the session asks for here, and tells the session what the peer does.
 */
export interface Wire {
  /** The highest stream of the peer's that was taken. Wires that name it by themselves leave it out. */
  readonly lastPeerId?: number;
  /** A stream begins: what its windows are. Wires that keep windows by themselves leave it out. */
  adopt?(stream: H2Stream): void;
  /** Sends a header block: the first of a client opens the stream, one after the body is trailers. */
  headers(stream: H2Stream, headers: OutgoingHeaders, endStream: boolean): void;
  /** Sends or keeps a piece of the body; false when it waits. */
  data(stream: H2Stream, chunk: Uint8Array, endStream: boolean): boolean;
  /** Gives window back for bytes that were outstanding. */
  consume(stream: H2Stream, bytes: number): void;
  reset(stream: H2Stream, code: number): void;
  /** Forgets a stream that is over. */
  drop(stream: H2Stream, resetByUs: boolean): void;
  ping(payload: Buffer): void;
  goaway(lastId: number, code: number, reason: string): void;
  /** Ends the output, and tells when all of it has left. */
  end(onLeft: () => void): void;
  countBytes(counters: SessionCounters): void;
  /** Resets the streams a peer is too slow for, and finds it too slow for the session. */
  findSlow?(nowMs: number): H2Error | undefined;
}
