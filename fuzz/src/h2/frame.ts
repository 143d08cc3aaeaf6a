/** One frame to send, right or wrong: the length may say something else than the payload. */
export interface Frame {
  type: number;
  flags: number;
  id: number;
  payload: Buffer;
  /** What the length field says, where it lies. */
  length?: number;
}

export const types = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const flags = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

export const preface: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
export const headerBytes = 9;

export function frameBytes(frame: Frame): Buffer {
  const head = Buffer.alloc(headerBytes);
  head.writeUIntBE((frame.length ?? frame.payload.length) & 0xff_ffff, 0, 3);
  head[3] = frame.type;
  head[4] = frame.flags;
  head.writeUInt32BE(frame.id >>> 0, 5);
  return Buffer.concat([head, frame.payload]);
}

/** Cuts bytes into frames as far as they go. */
export function readFrames(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= headerBytes) {
    const end = at + headerBytes + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    frames.push({
      type: bytes[at + 3] ?? 0,
      flags: bytes[at + 4] ?? 0,
      id: bytes.readUInt32BE(at + 5) & 0x7fff_ffff,
      payload: bytes.subarray(at + headerBytes, end),
    });
    at = end;
  }
  return frames;
}

export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
