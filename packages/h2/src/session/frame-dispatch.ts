import type { ControlFrames } from "./control-frames.ts";
import type { SessionConfig } from "./session-defaults.ts";
import type { Block } from "../hpack/block.ts";
import { HpackDecoder } from "../hpack/decoder.ts";
import { errorCodes } from "../error-codes.ts";
import { connectionFault, malformed, streamFault } from "./fault.ts";
import { flags, frameTypes } from "./frame-types.ts";
import type { Frame } from "./frame-reader.ts";
import { HeaderAssembly } from "./header-assembly.ts";
import { faultOf } from "./header-rules.ts";
import type { H2Session } from "./h2-session.ts";
import type { FrameWire } from "./frame-wire.ts";
import type { H2Stream } from "./h2-stream.ts";

/** What an incoming frame means, RFC 9113 sections 5 and 6: checks it and tells the session. */
export class FrameDispatch {
  readonly #wire: FrameWire;
  readonly #session: H2Session;
  readonly #config: SessionConfig;
  readonly #control: ControlFrames;
  readonly #decoder: HpackDecoder;
  #assembly: HeaderAssembly | undefined;

  constructor(wire: FrameWire, control: ControlFrames) {
    const { session } = wire;
    const { config } = session;
    this.#wire = wire;
    this.#session = session;
    this.#control = control;
    this.#config = config;
    this.#decoder = new HpackDecoder({
      tableBytes: config.headerTableBytes,
      maxListBytes: config.maxHeaderListBytes,
    });
  }

  /** A header block is on its way in pieces. */
  get assembling(): boolean {
    return this.#assembly !== undefined;
  }

  /** @throws {H2Error} If the connection cannot go on. */
  frame(frame: Frame): void {
    // A callback of the frame before may have ended the session.
    if (this.#session.over) return;
    this.#checkTurn(frame);
    switch (frame.type) {
      case frameTypes.data:
        return this.#data(frame);
      case frameTypes.headers:
        return this.#headers(frame);
      case frameTypes.priority:
        return this.#priority(frame);
      case frameTypes.rstStream:
        return this.#rstStream(frame);
      case frameTypes.settings:
        return this.#settings(frame);
      case frameTypes.ping:
        return this.#control.ping(frame);
      case frameTypes.goaway:
        return this.#control.goaway(frame);
      case frameTypes.windowUpdate:
        return this.#control.windowUpdate(frame);
      case frameTypes.continuation:
        return this.#continuation(frame);
      default:
        return this.#other(frame);
    }
  }

  /** A type that is not for this side to take; unknown ones are passed over. */
  #other(frame: Frame): void {
    if (frame.type === frameTypes.pushPromise) {
      throw connectionFault("protocolError", "6.6", "Cannot take PUSH_PROMISE as push is off");
    }
    this.#wire.guard.spend("unknown frame");
  }

  /** SETTINGS come first, and nothing comes between the pieces of a header block. */
  #checkTurn(frame: Frame): void {
    if (
      this.#assembly !== undefined &&
      (frame.type !== frameTypes.continuation || frame.id !== this.#assembly.id)
    ) {
      throw connectionFault(
        "protocolError",
        "6.10",
        "Cannot take a frame as a header block must be finished first",
      );
    }
    if (!this.#control.sawSettings && frame.type !== frameTypes.settings) {
      throw connectionFault(
        "protocolError",
        "3.4",
        "Cannot take a frame as the first one must be SETTINGS",
      );
    }
  }

  #settings(frame: Frame): void {
    this.#control.settings(frame);
    if (this.#control.settled) this.#decoder.limitTable(this.#config.headerTableBytes);
  }

  #data(frame: Frame): void {
    const { bytes, flags: set, id } = frame;
    onStream(frame, "6.1");
    const size = frame.end - frame.start;
    if (!this.#wire.inbound.take(size)) {
      throw connectionFault(
        "flowControlError",
        "6.9.1",
        "Cannot take DATA as it must fit the connection's window: it does not",
      );
    }
    const { start, end } = unpad(frame);
    const endStream = (set & flags.endStream) !== 0;
    if (start === end && !endStream) this.#wire.guard.spend("empty DATA");
    const stream = this.#session.findStream(id);
    if (stream === undefined || stream.remoteEnded) {
      this.#wire.inbound.regain(size);
      this.#onEnded(id, stream);
      return;
    }
    stream.receiveWindow -= size;
    if (!stream.sawHeaders) {
      this.#wire.inbound.regain(size);
      this.#wire.failStream(
        stream,
        streamFault("protocolError", "8.1", "Cannot take DATA as the headers must come first"),
      );
      return;
    }
    if (stream.receiveWindow < 0) {
      this.#wire.inbound.regain(size);
      this.#wire.failStream(
        stream,
        streamFault(
          "flowControlError",
          "6.9.1",
          "Cannot take DATA as it must fit the stream's window: it does not",
        ),
      );
      return;
    }
    this.#deliver(stream, { bytes, start, end, size, endStream });
  }

  #deliver(
    stream: H2Stream,
    data: { bytes: Buffer; start: number; end: number; size: number; endStream: boolean },
  ): void {
    const { start, end, size, endStream } = data;
    const length = end - start;
    stream.outstanding += size;
    // Padding is nobody's to consume.
    if (size > length) this.#wire.inbound.grant(stream, size - length);
    stream.receivedBytes += length;
    if (!this.#hasRightLength(stream, endStream)) {
      this.#wire.failStream(
        stream,
        streamFault(
          "protocolError",
          "8.1.1",
          `Cannot take DATA as content-length must be its sum: current value is ${stream.expectedBytes}`,
        ),
      );
      return;
    }
    if (length > 0) stream.listener?.onData(data.bytes.subarray(start, end));
    if (endStream) this.#session.endRemote(stream, undefined);
  }

  #hasRightLength(stream: H2Stream, ended: boolean): boolean {
    const { expectedBytes, receivedBytes } = stream;
    return (
      expectedBytes < 0 ||
      (ended ? receivedBytes === expectedBytes : receivedBytes <= expectedBytes)
    );
  }

  #headers(frame: Frame): void {
    onStream(frame, "6.2");
    const content = unpad(frame);
    const { end } = content;
    let { start } = content;
    if ((frame.flags & flags.priority) !== 0) {
      if (end - start < 5)
        throw connectionFault(
          "frameSizeError",
          "6.2",
          "Cannot take HEADERS as its priority fields must be 5 bytes",
        );
      this.#checkDependency(frame.id, frame.bytes.readUInt32BE(start));
      start += 5;
    }
    const endStream = (frame.flags & flags.endStream) !== 0;
    if ((frame.flags & flags.endHeaders) !== 0) {
      this.#block(frame.id, this.#decoder.decode(frame.bytes, start, end), endStream);
      return;
    }
    this.#assembly = new HeaderAssembly(frame.id, endStream, this.#config.maxHeaderListBytes);
    this.#assembly.add(frame.bytes, start, end);
    this.#wire.assemblySinceMs = performance.now();
  }

  #continuation(frame: Frame): void {
    const assembly = this.#assembly;
    if (assembly === undefined)
      throw connectionFault(
        "protocolError",
        "6.10",
        "Cannot take CONTINUATION as HEADERS must be before it",
      );
    if (frame.end === frame.start) this.#wire.guard.spend("empty CONTINUATION");
    assembly.add(frame.bytes, frame.start, frame.end);
    if ((frame.flags & flags.endHeaders) === 0) return;
    this.#assembly = undefined;
    const whole = assembly.whole();
    this.#block(assembly.id, this.#decoder.decode(whole, 0, whole.length), assembly.endStream);
  }

  #block(id: number, block: Block, endStream: boolean): void {
    const stream = this.#session.findStream(id);
    if (stream !== undefined) this.#furtherBlock(stream, block, endStream);
    else if (this.#config.server) this.#wire.openFromPeer(id, block, endStream);
    else this.#onEnded(id, undefined);
  }

  /** A block on an open stream: a response, an interim one, or trailers. */
  #furtherBlock(stream: H2Stream, block: Block, endStream: boolean): void {
    if (stream.remoteEnded) {
      this.#onEnded(stream.id, stream);
      return;
    }
    const role = stream.sawHeaders ? "trailers" : "response";
    const fault = this.#faultOfFurther(stream, block, { role, endStream });
    if (fault !== "") {
      this.#wire.failStream(stream, malformed(fault));
    } else if (role === "trailers") {
      this.#session.endRemote(stream, block);
    } else {
      this.#wire.receiveResponse(stream, block, endStream);
    }
  }

  #faultOfFurther(
    stream: H2Stream,
    block: Block,
    as: { role: "trailers" | "response"; endStream: boolean },
  ): string {
    if (block.listBytes > this.#config.maxHeaderListBytes)
      return "a list longer than the limit (RFC 9113 section 10.5.1)";
    const fault = faultOf(block, as.role);
    if (fault !== "" || as.role === "response") return fault;
    if (!as.endStream) return "no END_STREAM, being trailers (RFC 9113 section 8.1)";
    return this.#hasRightLength(stream, true)
      ? ""
      : "a body before it that is not as long as content-length (RFC 9113 section 8.1.1)";
  }

  /** A frame for a stream that is not open in its direction. */
  #onEnded(id: number, stream: H2Stream | undefined): void {
    if (stream !== undefined) {
      this.#wire.failStream(
        stream,
        streamFault(
          "streamClosed",
          "5.1",
          "Cannot take a frame as its stream was ended by the peer",
        ),
      );
      return;
    }
    if (this.#wire.isIdle(id))
      throw connectionFault(
        "protocolError",
        "5.1",
        `Cannot take a frame as stream ${id} must be open: it is idle`,
      );
    if (this.#wire.closedStreams.find(id) === "reset") return;
    this.#wire.guard.spend("frame on a closed stream");
    this.#wire.sendReset(id, errorCodes.streamClosed);
  }

  #priority(frame: Frame): void {
    onStream(frame, "6.3");
    this.#wire.guard.spend("PRIORITY");
    if (frame.end - frame.start !== 5) {
      this.#wire.failId(
        frame.id,
        streamFault("frameSizeError", "6.3", "Cannot take PRIORITY as it must be 5 bytes"),
      );
      return;
    }
    this.#checkDependency(frame.id, frame.bytes.readUInt32BE(frame.start));
  }

  #checkDependency(id: number, word: number): void {
    if ((word & 0x7fff_ffff) !== id) return;
    throw connectionFault(
      "protocolError",
      "5.3.1",
      `Cannot take a priority as stream ${id} must not depend on itself`,
    );
  }

  #rstStream(frame: Frame): void {
    onStream(frame, "6.4");
    if (frame.end - frame.start !== 4)
      throw connectionFault(
        "frameSizeError",
        "6.4",
        "Cannot take RST_STREAM as it must be 4 bytes",
      );
    if (this.#wire.isIdle(frame.id))
      throw connectionFault(
        "protocolError",
        "6.4",
        "Cannot take RST_STREAM as its stream must not be idle",
      );
    if (this.#config.server) this.#wire.guard.spend("RST_STREAM");
    this.#session.receiveReset(frame.id, frame.bytes.readUInt32BE(frame.start));
  }
}

function onStream(frame: Frame, section: string): void {
  if (frame.id === 0)
    throw connectionFault(
      "protocolError",
      section,
      "Cannot take a frame as it must be on a stream: it is on 0",
    );
}

/** Where the content lies between the length byte and the padding. */
function unpad(frame: Frame): { start: number; end: number } {
  const { start, end } = frame;
  if ((frame.flags & flags.padded) === 0) return frame;
  const padding = frame.bytes[start] ?? 0;
  if (start >= end || padding > end - start - 1) {
    throw connectionFault(
      "protocolError",
      "6.1",
      `Cannot take a padded frame as its padding must be shorter than the frame: current value is ${padding}`,
    );
  }
  return { start: start + 1, end: end - padding };
}
