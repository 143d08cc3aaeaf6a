import type { Socket } from "node:net";

const text = "This port speaks HTTP/2 only\n";
const answer = [
  "HTTP/1.1 505 HTTP Version Not Supported",
  "connection: close",
  "content-type: text/plain",
  `content-length: ${text.length}`,
  "",
  text,
].join("\r\n");

/** How long a peer may take to close its side, so that the answer reaches it. */
const lingerMs = 1000;

/** Tells a peer of HTTP/1.x in its own words that it is not understood, and closes. */
export function refuseHttp1(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  // What it still sends is read: a socket closed on unread bytes takes the answer with it.
  socket.resume();
  socket.end(answer);
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.on("close", () => clearTimeout(timer));
}
