/** The five bytes before each message of gRPC, gRPC-Web and Connect: a flag and the length. */
export const framePrefixBytes = 5;

// A Buffer, where there is one, comes of a pool and is not zeroed.
const allocate =
  typeof Buffer === "undefined"
    ? (length: number): Uint8Array => new Uint8Array(length)
    : (length: number): Uint8Array => Buffer.allocUnsafe(length);

/** Puts the prefix before a message. */
export function frameMessage(message: Uint8Array, compressed: boolean): Uint8Array {
  return frameWith(compressed ? 1 : 0, message);
}

/** Puts a prefix with any flags before a payload. */
export function frameWith(flags: number, message: Uint8Array): Uint8Array {
  const frame = allocate(framePrefixBytes + message.length);
  frame.set(message, framePrefixBytes);
  return sealFrame(frame, flags);
}

/** Fills in the prefix of a frame whose first bytes were left free for it. */
export function sealFrame(frame: Uint8Array, flags: number): Uint8Array {
  const length = frame.length - framePrefixBytes;
  frame[0] = flags;
  frame[1] = length >>> 24;
  frame[2] = length >>> 16;
  frame[3] = length >>> 8;
  frame[4] = length;
  return frame;
}

/** The message's length as its prefix at `at` states it; -1 while the prefix is not whole. */
// ceiling: a place in bytes without a view of it, on the path of every message
export function framedLength(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < framePrefixBytes) return -1;
  // Multiplied, as a shift by 24 would make lengths from 2 GiB on negative.
  return (
    (bytes[at + 1] ?? 0) * 0x1_00_00_00 +
    (((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0))
  );
}
