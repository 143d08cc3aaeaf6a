import type { WebSocket } from "ws";

/** When to ask a peer whether it lives, and when to give it up. Zero turns either off. */
export interface HeartbeatOptions {
  readonly pingIntervalMs: number;
  readonly idleTimeoutMs: number;
  /** Whether the peer cannot be heard as nobody reads what it says. */
  readonly isDeaf: () => boolean;
  readonly onIdle: () => void;
}

// More than this on its way means that the peer takes nothing: a ping would only queue up.
const maxBufferedBytes = 64 * 1024;

/** Pings the peer, and reports it idle when nothing has come from it for too long. Ends with the connection. */
export function startHeartbeat(socket: WebSocket, options: HeartbeatOptions): void {
  const { pingIntervalMs, idleTimeoutMs, isDeaf, onIdle } = options;
  const intervalMs = Math.min(pingIntervalMs || Infinity, idleTimeoutMs / 2 || Infinity);
  if (intervalMs === Infinity) return;
  let seenAt = performance.now();
  const seen = (): void => {
    seenAt = performance.now();
  };
  for (const event of ["message", "ping", "pong"]) socket.on(event, seen);
  const timer = setInterval(() => {
    if (isDeaf()) seen();
    if (idleTimeoutMs > 0 && performance.now() - seenAt >= idleTimeoutMs) onIdle();
    else if (pingIntervalMs > 0 && canPing(socket)) socket.ping(ignore);
  }, intervalMs);
  timer.unref();
  socket.once("close", () => clearInterval(timer));
}

function canPing(socket: WebSocket): boolean {
  return socket.readyState === socket.OPEN && socket.bufferedAmount < maxBufferedBytes;
}

function ignore(): void {
  // a ping that is not sent: the connection's end is reported by itself
}
