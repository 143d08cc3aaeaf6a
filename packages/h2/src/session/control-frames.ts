import type { SessionCounters } from "../contract.ts";
import type { Ending } from "./ending.ts";
import { connectionFault, streamFault } from "./fault.ts";
import type { Frame } from "./frame-reader.ts";
import { flags, max31 } from "./frame-types.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { H2Session } from "./h2-session.ts";
import type { StreamTable } from "./stream-table.ts";
import { protocolWindowBytes } from "./inbound-windows.ts";
import type { Sender } from "./sender.ts";
import type { SessionClock } from "./session-clock.ts";
import type { SessionConfig } from "./session-defaults.ts";
import { readSettings, settingIds } from "./session-settings.ts";

export interface ControlParts {
  readonly config: SessionConfig;
  readonly writer: FrameWriter;
  readonly sender: Sender;
  readonly clock: SessionClock;
  readonly ending: Ending;
  readonly counters: SessionCounters;
  readonly streams: StreamTable;
}

/** What the frames about the connection mean: SETTINGS, PING, GOAWAY and WINDOW_UPDATE. */
export class ControlFrames {
  readonly #session: H2Session;
  readonly #parts: ControlParts;
  /** Of a new stream: what the peer's SETTINGS_INITIAL_WINDOW_SIZE lets this side send. */
  sendWindow: number = protocolWindowBytes;
  sawSettings = false;
  /** The peer has acknowledged the settings of this side. */
  settled = false;

  constructor(session: H2Session, parts: ControlParts) {
    this.#session = session;
    this.#parts = parts;
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
      this.#session.guard.spend("SETTINGS");
    }
    this.sawSettings = true;
    this.#parts.counters.settingsReceived += 1;
    for (const [id, value] of entries) this.#apply(id, value);
    this.#parts.writer.settingsAck();
    this.#parts.sender.pump();
  }

  ping(frame: Frame): void {
    const { bytes, start, end } = frame;
    if (frame.id !== 0) throw misplaced("6.7", "PING");
    if (end - start !== 8) throw wrongSize("6.7", "PING as it must be 8 bytes");
    const { clock, counters, writer } = this.#parts;
    if ((frame.flags & flags.ack) !== 0) {
      if (!clock.onPong(bytes.readUInt32BE(start + 4)))
        this.#session.guard.spend("PING acknowledgement");
      return;
    }
    counters.pingsReceived += 1;
    this.#session.replyGuard.spend("PING");
    clock.onPing();
    writer.ping(bytes, start, true);
  }

  goaway(frame: Frame): void {
    const { bytes, start, end } = frame;
    if (frame.id !== 0) throw misplaced("6.8", "GOAWAY");
    if (end - start < 8) throw wrongSize("6.8", "GOAWAY as it must be 8 bytes at the least");
    this.#session.guard.spend("GOAWAY");
    const code = bytes.readUInt32BE(start + 4);
    const reason = bytes.toString("latin1", start + 8, Math.min(end, start + 8 + 256));
    // First: whoever hears of a lost stream looks for another session.
    this.#parts.ending.onGoaway(code, reason);
    // Nothing is pushed: what a client says of streams of this side concerns none.
    if (!this.#parts.config.server) {
      this.#session.abortAbove(bytes.readUInt32BE(start) & max31, code, reason);
    }
  }

  windowUpdate(frame: Frame): void {
    const { bytes, start, end, id } = frame;
    if (end - start !== 4) throw wrongSize("6.9", "WINDOW_UPDATE as it must be 4 bytes");
    this.#session.replyGuard.spend("WINDOW_UPDATE");
    const increment = bytes.readUInt32BE(start) & max31;
    if (id === 0) this.#growConnection(increment);
    else this.#growStream(id, increment);
    this.#parts.sender.pump();
  }

  #settle(): void {
    this.#parts.clock.onSettingsAck();
    if (this.settled) this.#session.guard.spend("SETTINGS acknowledgement");
    else this.#session.inbound.settle(this.#parts.streams.values());
    this.settled = true;
  }

  #apply(id: number, value: number): void {
    const { config, writer } = this.#parts;
    if (id === settingIds.initialWindowSize) this.#resizeWindows(value);
    else if (id === settingIds.maxFrameSize) writer.maxFrameBytes = value;
    else if (id === settingIds.headerTableSize && value < 4096) writer.tellTableSize(value);
    else if (config.server) return;
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
    for (const stream of this.#parts.streams.values()) {
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
    if (this.#session.isIdle(id)) {
      throw connectionFault(
        "protocolError",
        "5.1",
        "Cannot take WINDOW_UPDATE as its stream must not be idle",
      );
    }
    const stream = this.#session.findStream(id);
    if (stream === undefined) return;
    if (increment === 0) {
      this.#session.failStream(stream, streamFault("protocolError", "6.9", noIncrement));
    } else if (stream.sendWindow + increment > max31) {
      this.#session.failStream(
        stream,
        streamFault("flowControlError", "6.9.1", tooWide("a stream")),
      );
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
