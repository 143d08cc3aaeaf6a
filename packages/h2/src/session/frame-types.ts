/** Frame types of RFC 9113 section 6. */
export const frameTypes = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  rstStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goaway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

/** Frame flags; END_STREAM and ACK share a bit. */
export const flags = {
  endStream: 0x1,
  ack: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

/** Length, type, flags, stream id. */
export const frameHeaderBytes = 9;

/** What a client sends first, RFC 9113 section 3.4. */
export const clientPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** The largest window and the largest stream id. */
export const max31 = 0x7fff_ffff;
