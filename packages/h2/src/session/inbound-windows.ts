import type { FrameWriter } from "./frame-writer.ts";
import type { H2Stream } from "./h2-stream.ts";
import type { SessionConfig } from "./session-defaults.ts";

/** The window of RFC 9113 section 6.9.2 that holds until settings say otherwise. */
export const protocolWindowBytes = 65_535;

/** What the peer may send: on the connection, and on each stream. */
export class InboundWindows {
  readonly #config: SessionConfig;
  readonly #writer: FrameWriter;
  #connection: number;
  #ungranted = 0;
  /** Of a new stream: a peer that has not read the settings may go by the protocol's own. */
  initial: number;

  constructor(config: SessionConfig, writer: FrameWriter) {
    this.#config = config;
    this.#writer = writer;
    this.#connection = config.connectionWindowBytes;
    this.initial = Math.max(protocolWindowBytes, config.initialWindowBytes);
  }

  /** Tells the peer of a connection window above the protocol's. */
  announce(): void {
    const more = this.#config.connectionWindowBytes - protocolWindowBytes;
    if (more > 0) this.#writer.windowUpdate(0, more);
  }

  /** Counts what arrived; false when the connection's window has no room for it. */
  take(bytes: number): boolean {
    this.#connection -= bytes;
    return this.#connection >= 0;
  }

  /** The peer has read the settings: what it may send goes by them from here on. */
  settle(streams: Iterable<H2Stream>): void {
    const delta = this.#config.initialWindowBytes - this.initial;
    this.initial = this.#config.initialWindowBytes;
    if (delta !== 0) for (const stream of streams) stream.receiveWindow += delta;
  }

  /** Gives window back for bytes of a stream that were dealt with, in steps of half a window. */
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
    this.#connection += this.#ungranted;
    this.#writer.windowUpdate(0, this.#ungranted);
    this.#ungranted = 0;
  }
}
