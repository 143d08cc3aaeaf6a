/** Looks at every session from time to time: one timer for all, and none when there are no sessions. */
const intervalMs = 1000;

export interface Swept {
  sweep(nowMs: number): void;
}

const sessions = new Set<Swept>();
let timer: ReturnType<typeof setInterval> | undefined;

export function watchTime(session: Swept): void {
  sessions.add(session);
  timer ??= setInterval(sweepAll, intervalMs).unref();
}

export function forgetTime(session: Swept): void {
  sessions.delete(session);
  if (sessions.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

function sweepAll(): void {
  const nowMs = performance.now();
  for (const session of sessions) session.sweep(nowMs);
}
