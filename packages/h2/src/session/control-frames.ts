import { connectionFault, streamFault } from "./fault.ts";
import type { Frame } from "./frame-reader.ts";
import { flags, max31 } from "./frame-types.ts";
import type { FrameWire } from "./frame-wire.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { H2Session } from "./h2-session.ts";
import { protocolWindowBytes } from "./inbound-windows.ts";
import type { Sender } from "./sender.ts";
import { readSettings, settingIds } from "./session-settings.ts";

export interface ControlParts {
  readonly writer: FrameWriter;
  readonly sender: Sender;
}

/** What the frames about the connection mean: SETTINGS, PING, GOAWAY and WINDOW_UPDATE. */
export class ControlFrames {
  readonly #wire: FrameWire;
  readonly #session: H2Session;
  readonly #parts: ControlParts;
  /** Of a new stream: what the peer's SETTINGS_INITIAL_WINDOW_SIZE lets this side send. */
  sendWindow: number = protocolWindowBytes;
  /** The peer has acknowledged the settings of this side. */
  settled = false;

  constructor(wire: FrameWire, parts: ControlParts) {
    this.#wire = wire;
    this.#session = wire.session;
    this.#parts = parts;
  }

  get sawSettings(): boolean {
    return this.#session.counted.settingsReceived > 0;
  }

  settings(frame: Frame): void {
    const { bytes, start, end } = frame;
    if (frame.id !== 0) throw misplaced("6.5", "SETTINGS");
    if ((frame.flags & flags.ack) !== 0) {
      if (end !== start) throw wrongSize("6.5", "a SETTINGS acknowledgement as it must be empty");
      this.#settle();
      return;
    }
    const entries = readSettings(bytes, start, end);
    // The first are due; and a change of the windows goes over every stream.
    for (let at = this.sawSettings ? 0 : 8; at <= entries.length; at += 8) {
      this.#wire.guard.spend("SETTINGS");
    }
    this.#session.counted.settingsReceived += 1;
    for (const [id, value] of entries) this.#apply(id, value);
    this.#parts.writer.settingsAck();
    this.#parts.sender.pump();
  }

  ping(frame: Frame): void {
    const { bytes, start, end } = frame;
    if (frame.id !== 0) throw misplaced("6.7", "PING");
    if (end - start !== 8) throw wrongSize("6.7", "PING as it must be 8 bytes");
    if ((frame.flags & flags.ack) !== 0) {
      if (!this.#session.clock.onPong(bytes.readUInt32BE(start + 4)))
        this.#wire.guard.spend("PING acknowledgement");
      return;
    }
    this.#wire.replyGuard.spend("PING");
    this.#session.clock.onPing();
    this.#parts.writer.ping(bytes, start, true);
  }

  goaway(frame: Frame): void {
    const { bytes, start, end } = frame;
    if (frame.id !== 0) throw misplaced("6.8", "GOAWAY");
    if (end - start < 8) throw wrongSize("6.8", "GOAWAY as it must be 8 bytes at the least");
    this.#wire.guard.spend("GOAWAY");
    const code = bytes.readUInt32BE(start + 4);
    const reason = bytes.toString("latin1", start + 8, Math.min(end, start + 8 + 256));
    this.#session.receiveGoaway(bytes.readUInt32BE(start) & max31, code, reason);
  }

  windowUpdate(frame: Frame): void {
    const { bytes, start, end, id } = frame;
    if (end - start !== 4) throw wrongSize("6.9", "WINDOW_UPDATE as it must be 4 bytes");
    this.#wire.replyGuard.spend("WINDOW_UPDATE");
    const increment = bytes.readUInt32BE(start) & max31;
    if (id === 0) this.#growConnection(increment);
    else this.#growStream(id, increment);
    this.#parts.sender.pump();
  }

  #settle(): void {
    this.#session.clock.onSettingsAck();
    if (this.settled) this.#wire.guard.spend("SETTINGS acknowledgement");
    else this.#wire.inbound.settle(this.#session.streams.values());
    this.settled = true;
  }

  #apply(id: number, value: number): void {
    const { writer } = this.#parts;
    if (id === settingIds.initialWindowSize) this.#resizeWindows(value);
    else if (id === settingIds.maxFrameSize) writer.maxFrameBytes = value;
    else if (id === settingIds.headerTableSize && value < 4096) writer.tellTableSize(value);
    else if (this.#session.server) return;
    else if (id === settingIds.maxConcurrentStreams) this.#session.limitStreams(value);
    else if (id === settingIds.enablePush && value === 1) {
      throw connectionFault(
        "protocolError",
        "6.5.2",
        "Cannot take SETTINGS_ENABLE_PUSH of a server as it must be 0: current value is 1",
      );
    }
  }

  #resizeWindows(value: number): void {
    const delta = value - this.sendWindow;
    this.sendWindow = value;
    if (delta === 0) return;
    for (const stream of this.#session.streams.values()) {
      if (stream.sendWindow + delta > max31) throw overgrown("a stream");
      stream.sendWindow += delta;
    }
  }

  #growConnection(increment: number): void {
    const { sender } = this.#parts;
    if (increment === 0) throw connectionFault("protocolError", "6.9", noIncrement);
    if (sender.window + increment > max31) throw overgrown("the connection");
    sender.window += increment;
  }

  #growStream(id: number, increment: number): void {
    if (this.#wire.isIdle(id)) {
      throw connectionFault(
        "protocolError",
        "5.1",
        "Cannot take WINDOW_UPDATE as its stream must not be idle",
      );
    }
    const stream = this.#session.findStream(id);
    if (stream === undefined) return;
    if (increment === 0) {
      this.#wire.failStream(stream, streamFault("protocolError", "6.9", noIncrement));
    } else if (stream.sendWindow + increment > max31) {
      this.#wire.failStream(stream, streamFault("flowControlError", "6.9.1", tooWide("a stream")));
    } else {
      stream.sendWindow += increment;
    }
  }
}

const noIncrement = "Cannot take WINDOW_UPDATE as its increment must not be 0";

function misplaced(section: string, name: string): Error {
  return connectionFault("protocolError", section, `Cannot take ${name} as it must be on stream 0`);
}

function wrongSize(section: string, what: string): Error {
  return connectionFault("frameSizeError", section, `Cannot take ${what}`);
}

function overgrown(whose: string): Error {
  return connectionFault("flowControlError", "6.9.1", tooWide(whose));
}

function tooWide(whose: string): string {
  return `Cannot grow the window of ${whose} as it must be at most 2147483647`;
}
