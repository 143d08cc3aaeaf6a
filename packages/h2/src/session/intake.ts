import type { StreamAcceptor } from "../contract.ts";
import { errorCodes } from "../error-codes.ts";
import type { Block } from "../hpack/block.ts";
import { connectionFault, malformed } from "./fault.ts";
import type { FrameWire } from "./frame-wire.ts";
import type { H2Session } from "./h2-session.ts";
import { faultOf } from "./header-rules.ts";
import type { Sender } from "./sender.ts";

/** A peer that leaves as much of its answers unread opens no further streams. */
const queuedLimitBytes = 33_554_432;

const bodyless = "a content-length and no body (RFC 9113 section 8.1.1)";
const tooLarge = [":status", "431"];

export interface IntakeParts {
  readonly acceptor: StreamAcceptor | undefined;
  readonly sender: Sender;
}

/** The streams a client opens: takes them, refuses them, or finds the connection broken. */
export class Intake {
  readonly #wire: FrameWire;
  readonly #session: H2Session;
  readonly #parts: IntakeParts;
  lastId = 0;

  constructor(wire: FrameWire, parts: IntakeParts) {
    this.#wire = wire;
    this.#session = wire.session;
    this.#parts = parts;
  }

  /** A request arrives: RFC 9113 section 5.1.1. */
  open(id: number, block: Block, endStream: boolean): void {
    if (!this.#isNew(id)) return;
    this.lastId = id;
    const { config, ending } = this.#session;
    if (ending.refuses(id)) {
      // The peer has been told; what it sent before it knew is passed over.
      this.#wire.closedStreams.add(id, true);
      return;
    }
    const full = this.#session.openStreams >= config.maxConcurrentStreams;
    if (full || this.#parts.sender.queuedBytes > queuedLimitBytes) {
      this.#session.counted.streamsRefused += 1;
      this.#refuse(id, errorCodes.refusedStream);
      return;
    }
    const fault =
      faultOf(block, "request") || (endStream && block.contentLength > 0 ? bodyless : "");
    if (fault !== "") {
      this.#wire.noteFault(malformed(fault));
      this.#refuse(id, errorCodes.protocolError);
      return;
    }
    this.#accept(id, block, endStream);
  }

  /** @throws {H2Error} Unless the id is higher than any before, or the stream was reset by this side. */
  #isNew(id: number): boolean {
    if ((id & 1) === 0) {
      throw connectionFault(
        "protocolError",
        "5.1.1",
        `Cannot open stream ${id} as a client's streams must be odd`,
      );
    }
    if (id > this.lastId) return true;
    const ended = this.#wire.closedStreams.find(id);
    if (ended === "reset") return false;
    const code = ended === undefined ? "protocolError" : "streamClosed";
    throw connectionFault(
      code,
      "5.1.1",
      `Cannot open stream ${id} as ids must grow: the last was ${this.lastId}`,
    );
  }

  #refuse(id: number, code: number): void {
    this.#wire.guard.spend("refused stream");
    this.#wire.sendReset(id, code);
    this.#wire.closedStreams.add(id, true);
  }

  #accept(id: number, block: Block, endStream: boolean): void {
    const { acceptor } = this.#parts;
    const { config } = this.#session;
    const stream = this.#session.addStream(id);
    stream.sawHeaders = true;
    stream.expectedBytes = block.contentLength;
    stream.remoteEnded = endStream;
    if (block.listBytes > config.maxHeaderListBytes) {
      // A bomb is many times the limit, and has cost as much to unpack.
      const cost = Math.min(400, block.listBytes / config.maxHeaderListBytes);
      this.#wire.guard.spend("header list over the limit", cost);
      this.#session.counted.streamsRefused += 1;
      stream.sendHeaders(tooLarge, true);
      if (!endStream) stream.reset(errorCodes.noError);
      return;
    }
    stream.earns = true;
    if (acceptor !== undefined) stream.listener = acceptor(stream, block, endStream);
  }
}
