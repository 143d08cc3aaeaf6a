import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { encodeHeaders } from "../index.ts";

export const types = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const preface: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** A frame as it came from the engine. */
export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Buffer;
}

/** Puts a frame together, right or wrong. */
export function frame(
  type: number,
  id: number,
  { flags = 0, payload = Buffer.alloc(0) }: { flags?: number; payload?: Uint8Array } = {},
): Buffer {
  const bytes = Buffer.alloc(9 + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(id, 5);
  bytes.set(payload, 9);
  return bytes;
}

/** Four bytes, big end first. */
export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** A SETTINGS payload. */
export function settings(...entries: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(entries.length * 6);
  for (const [at, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(id, at * 6);
    payload.writeUInt32BE(value, at * 6 + 2);
  }
  return frame(types.settings, 0, { payload });
}

/** A request without a body, as a complete header block. */
export const request: Uint8Array = encodeHeaders([
  ":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a",
]).bytes;

/** HEADERS of a request: END_HEADERS, and END_STREAM when it has no body. */
export function get(id: number, { endStream = true, block = request } = {}): Buffer {
  return frame(types.headers, id, { flags: endStream ? 5 : 4, payload: block });
}

/** A client that writes whatever bytes a test wants and sees every frame that comes back. */
export class RawPeer implements Disposable {
  readonly socket: Socket;
  readonly frames: RawFrame[] = [];
  /** Hears of each frame as it comes. */
  onFrame: ((frame: RawFrame) => void) | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => this.#onBytes(chunk));
    // A connection that is reset is closed, too: `goaway` tells whether a reason came first.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#closed = true;
      socket.emit("raw");
    });
  }

  /** Connects and sends the preface with these settings. */
  static async open(port: number, ...entries: readonly (readonly [number, number])[]): Promise<RawPeer> {
    const peer = await RawPeer.connect(port);
    peer.send(preface, settings(...entries));
    return peer;
  }

  /** Connects and says nothing. */
  static async connect(port: number): Promise<RawPeer> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RawPeer(socket);
  }

  send(...bytes: readonly Uint8Array[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(bytes));
  }

  /** The first frame that fits, now or as soon as it comes; undefined when the connection closes first. */
  async find(fits: (frame: RawFrame) => boolean): Promise<RawFrame | undefined> {
    for (;;) {
      const found = this.frames.find((each) => fits(each));
      if (found !== undefined || this.#closed) return found;
      await once(this.socket, "raw");
    }
  }

  /** The RST_STREAM code of a stream. */
  async resetOf(id: number): Promise<number | undefined> {
    const found = await this.find((each) => each.type === types.rstStream && each.id === id);
    return found?.payload.readUInt32BE(0);
  }

  /** The code of the last GOAWAY with its text, once the connection has closed. */
  async end(): Promise<{ code: number; text: string } | undefined> {
    await this.closed();
    const last = this.frames.findLast((each) => each.type === types.goaway);
    if (last === undefined) return undefined;
    return { code: last.payload.readUInt32BE(4), text: last.payload.toString("latin1", 8) };
  }

  async closed(): Promise<void> {
    while (!this.#closed) await once(this.socket, "raw");
  }

  /** A round trip: everything sent before has been dealt with. */
  async settled(mark = 0xabcd): Promise<void> {
    const payload = Buffer.concat([word(mark), word(mark)]);
    this.send(frame(types.ping, 0, { payload }));
    await this.find((each) => each.type === types.ping && each.payload.equals(payload));
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #onBytes(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    while (bytes.length >= 9) {
      const end = 9 + bytes.readUIntBE(0, 3);
      if (bytes.length < end) break;
      const frame = {
        type: bytes[3] ?? 0,
        flags: bytes[4] ?? 0,
        id: bytes.readUInt32BE(5),
        payload: bytes.subarray(9, end),
      };
      this.frames.push(frame);
      this.onFrame?.(frame);
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    this.socket.emit("raw");
  }
}
