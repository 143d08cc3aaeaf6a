// How long a message is and when its connection ends is the wire's business alone.
const framing: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Whether a name belongs to the wire, and is not for those who send a message. */
export function isFraming(name: string): boolean {
  return framing.has(name.toLowerCase());
}
