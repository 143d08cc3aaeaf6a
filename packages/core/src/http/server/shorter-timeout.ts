/** The shorter of a server's time and a caller's, in milliseconds; 0 is none. A caller's 0 is a time that is over, not none. */
export function shorterTimeout(ownMs: number, callerMs: number | undefined): number {
  if (callerMs === undefined) return ownMs;
  const timeoutMs = Math.max(callerMs, 0.001);
  return ownMs > 0 ? Math.min(ownMs, timeoutMs) : timeoutMs;
}
